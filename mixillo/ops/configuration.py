"""Every setting, its value and where it comes from; of secrets only whether they are set."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import Field, asdict, dataclass
from pathlib import Path
from typing import Any

from mixillo.config import Settings, declarations
from mixillo.core.db import database_name
from mixillo.ops import mongod
from mixillo.ops.datadir import SECRETS

ENVIRONMENT, DEFAULT, DATA_DIRECTORY, EMBEDDED = "environment", "default", "data directory", "embedded database"


@dataclass(frozen=True)
class Entry:
    """One setting; ``value`` is its text, ``None`` for a secret, and ``present`` whether it has one at all."""

    name: str
    present: bool
    source: str
    secret: bool
    value: str | None
    meaning: str

    def as_dict(self) -> dict[str, Any]:
        """Return the entry under the names that ``--json`` uses."""
        return asdict(self)


def from_environment(environ: Mapping[str, str]) -> list[Entry]:
    """Return the settings as ``environ`` has them, whether or not a server would start with them."""
    return [_offered(declared, environ.get(declared.metadata["name"], "").strip()) for declared in declarations()]


def in_force(settings: Settings) -> list[Entry]:
    """Return the settings that a running process has, with what `mixillo serve` found for it told apart."""
    found = _found(settings)
    return [_applied(declared, getattr(settings, declared.name), found) for declared in declarations()]


def _offered(declared: Field[Any], text: str) -> Entry:
    return _entry(declared, text or _text(declared.default), bool(text), ENVIRONMENT if text else DEFAULT)


def _applied(declared: Field[Any], value: Any, found: Mapping[str, str]) -> Entry:
    is_default = value == declared.default
    source = DEFAULT if is_default else found.get(declared.metadata["name"], ENVIRONMENT)
    return _entry(declared, _text(value), not is_default, source)


def _entry(declared: Field[Any], text: str, is_present: bool, source: str) -> Entry:
    is_secret = declared.metadata["secret"]
    return Entry(
        name=declared.metadata["name"],
        present=is_present,
        source=source,
        secret=is_secret,
        value=None if is_secret else text,
        meaning=declared.metadata["meaning"],
    )


def _found(settings: Settings) -> dict[str, str]:
    """Return the settings that came from the data directory: generated secrets, and the database started there."""
    found = {}
    directory = Path(settings.data_dir)
    with suppress(OSError, ValueError, TypeError, AttributeError):
        kept = json.loads((directory / "secrets.json").read_text("utf-8"))
        values = dict(zip(SECRETS, (settings.jwt_secret, settings.jwt_refresh_secret), strict=True))
        found = {name: DATA_DIRECTORY for name, value in values.items() if value and kept.get(name) == value}
    running = mongod.running(directory)
    if running and running.uri_of(database_name(settings.mongodb_uri)) == settings.mongodb_uri:
        found["MONGODB_URI"] = EMBEDDED
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(value) if isinstance(value, tuple) else str(value)
