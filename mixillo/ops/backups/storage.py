"""Where backups are kept: a directory here; a bucket in ``bucket``. Both behave alike."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Protocol

from mixillo.ops.backups.errors import StorageError


class Storage(Protocol):
    """A place that holds folders of files; paths are ``folder/file`` with slashes.

    Every method raises :class:`StorageError` with a sentence when the place refuses.
    """

    @property
    def location(self) -> str:
        """What a person names the place by."""

    def location_of(self, folder: str) -> str:
        """Return what a person names the folder by."""

    def folders(self) -> list[str]:
        """Return the names of the folders, sorted; none when the place does not exist yet."""

    def files(self, folder: str) -> list[str]:
        """Return the paths of all files under ``folder``, sorted."""

    def read(self, path: str) -> bytes | None:
        """Return a small file's content, ``None`` when there is no such file."""

    def write(self, path: str, content: bytes) -> None:
        """Write a small file as a whole: a reader sees all of it or none."""

    def reading(self, path: str) -> AbstractContextManager[IO[bytes]]:
        """Open a file of any size for reading."""

    def writing(self, path: str) -> AbstractContextManager[IO[bytes]]:
        """Open a new file of any size for writing; it is durable when the block ends."""

    def remove(self, path: str) -> None:
        """Remove a file; one that is not there is no error."""

    def remove_folder(self, folder: str) -> None:
        """Remove a folder with everything in it."""


class DirectoryStorage:
    """Backups in a directory; what is written is readable by its owner alone."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def location(self) -> str:
        """The directory's path."""
        return str(self.root)

    def location_of(self, folder: str) -> str:
        """Return the path of ``folder``."""
        return str(self.root / folder)

    def folders(self) -> list[str]:
        """Return the names of the subdirectories, sorted."""
        with _refusals(self.root):
            if not self.root.is_dir():
                return []
            return sorted(path.name for path in self.root.iterdir() if path.is_dir())

    def files(self, folder: str) -> list[str]:
        """Return the paths of all files under ``folder``, sorted."""
        with _refusals(self.root):
            found = (path for path in (self.root / folder).rglob("*") if path.is_file())
            return sorted(path.relative_to(self.root).as_posix() for path in found)

    def read(self, path: str) -> bytes | None:
        """Return a file's content, ``None`` when there is no such file."""
        with _refusals(self.root / path):
            try:
                return (self.root / path).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def write(self, path: str, content: bytes) -> None:
        """Write a file under another name and rename it, so that it is there as a whole or not at all."""
        temporary = f"{path}.writing"
        with self.writing(temporary) as file:
            file.write(content)
        with _refusals(self.root / path):
            (self.root / temporary).replace(self.root / path)
            _sync((self.root / path).parent)

    @contextmanager
    def reading(self, path: str) -> Iterator[IO[bytes]]:
        """Open a file for reading."""
        with _refusals(self.root / path), (self.root / path).open("rb") as file:
            yield file

    @contextmanager
    def writing(self, path: str) -> Iterator[IO[bytes]]:
        """Open a new file for writing; it reaches the disk before the block ends."""
        target = self.root / path
        with _refusals(target):
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())

    def remove(self, path: str) -> None:
        """Remove a file."""
        with _refusals(self.root / path):
            (self.root / path).unlink(missing_ok=True)

    def remove_folder(self, folder: str) -> None:
        """Remove a directory with everything in it."""
        with _refusals(self.root / folder):
            shutil.rmtree(self.root / folder)


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Turn what the system says of ``path`` into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(f"The disk that holds {path} is full.") from error
        reason = (error.strerror or type(error).__name__).lower()
        raise StorageError(f"{path} cannot be used: {reason}.") from error


def _sync(directory: Path) -> None:
    """Make a rename in ``directory`` durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
