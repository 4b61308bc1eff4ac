"""The data directory: the embedded database, generated secrets and the server's log, used by one at a time."""

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops.processes import command_of

SECRETS = ("JWT_SECRET", "JWT_REFRESH_SECRET")


class DataDirError(Exception):
    """The data directory cannot be used; the message is one sentence for the operator."""


class DataDirInUse(DataDirError):
    """Another Mixillo works in it."""


class DataDir:
    """The directory at ``path``, made when it is first needed and readable by its owner alone."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).resolve()

    @property
    def server_log(self) -> Path:
        """Where the server's log lines go."""
        return self.path / "server.log"

    @property
    def server_state(self) -> Path:
        """Which process serves the web from here."""
        return self.path / "server.json"

    def create(self) -> None:
        """Make the directory when it is not there.

        :raises DataDirError: it cannot be made or written to.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DataDirError(f"The data directory {self.path} cannot be made: {error.strerror}.") from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise DataDirError(f"The data directory {self.path} cannot be written to by this user.")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other Mixillo out for the length of the block; the lock ends with the process.

        :raises DataDirInUse: another one is in it.
        """
        self.create()
        with (self.path / "lock").open("a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                lock.seek(0)
                raise DataDirInUse(
                    f"The data directory {self.path} is in use by another Mixillo (process {lock.read() or '?'}); "
                    "stop that one, or set MIXILLO_DATA_DIR."
                ) from error
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def complete(self, settings: Settings) -> Settings:
        """Return ``settings`` with secrets from here where none were set; outside production only."""
        if settings.is_production or (settings.jwt_secret and settings.jwt_refresh_secret):
            return settings
        kept = self._secrets()
        return replace(
            settings,
            jwt_secret=settings.jwt_secret or kept["JWT_SECRET"],
            jwt_refresh_secret=settings.jwt_refresh_secret or kept["JWT_REFRESH_SECRET"],
        )

    def served(self, settings: Settings) -> Settings:
        """Return ``settings`` with the port of the web server that runs from here, if one does.

        A command is often given in another shell than the server, without its ``PORT``.
        """
        with suppress(OSError, ValueError, KeyError):
            state = json.loads(self.server_state.read_text("utf-8"))
            if "gunicorn" in command_of(state["pid"]):
                return replace(settings, port=state["port"])
        return settings

    def _secrets(self) -> dict[str, str]:
        """Return the secrets that were generated here, generating them the first time.

        :raises DataDirError: the file holds something else.
        """
        self.create()
        path = self.path / "secrets.json"
        if not path.exists():
            _write_once(path, json.dumps({name: clock.random_token() for name in SECRETS}))
        try:
            kept = json.loads(path.read_text("utf-8"))
            return {name: kept[name] for name in SECRETS}
        except (ValueError, KeyError, TypeError) as error:
            raise DataDirError(f"{path} does not hold the secrets; remove it to have new ones made.") from error


def _write_once(path: Path, text: str) -> None:
    """Make ``path`` with ``text``, whole or not at all; when somebody else was quicker, leave their file."""
    draft = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(text, "utf-8")
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
