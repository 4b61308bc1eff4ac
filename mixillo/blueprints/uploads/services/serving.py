"""Files on their way out."""

from mixillo.blueprints.uploads.services.errors import FileNotThere
from mixillo.blueprints.uploads.services.storage import Stored, storage

# How long the storage's own address is good for, of which others are told less.
VALID_SECONDS, TOLD_SECONDS = 3_600, 3_000


def find(name: str) -> tuple[str, Stored]:
    """Return key and figures of the finished file that an address calls ``name``; its extension says nothing.

    :raises FileNotThere: there is none.
    """
    key = name.partition(".")[0]
    found = storage().find(key) if len(key) <= 64 else None
    if found is None:
        raise FileNotThere
    return key, found
