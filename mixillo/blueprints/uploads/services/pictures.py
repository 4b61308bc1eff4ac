"""Pictures: decoded and written anew in a few sizes, so that nothing of the original but its pixels is kept."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mixillo.blueprints.uploads.services import processes
from mixillo.blueprints.uploads.services.errors import Unreadable
from mixillo.blueprints.uploads.services.kinds import Kind


@dataclass(frozen=True)
class Picture:
    """A picture that was made: ``large`` first, then the smaller ones."""

    name: str
    content_type: str
    width: int
    height: int
    data: bytes


def clean(file: IO[bytes], kind: Kind) -> list[Picture]:
    """Return the pictures that were made of ``file``.

    :raises Unreadable: it is damaged, or too large to be unpacked.
    :raises ServiceUnavailable: too many wait already.
    """
    with tempfile.TemporaryDirectory(prefix="mixillo-") as directory:
        told = processes.run_python("picture_process.py", file, kind.reader, directory)
        if told is None:
            raise Unreadable("It cannot be read as a picture.")
        made: dict[str, Any] = json.loads(told)
        if why := made.get("refused"):
            raise Unreadable(why)
        return [
            Picture(each["name"], each["contentType"], each["width"], each["height"], _read(directory, each["file"]))
            for each in made["files"]
        ]


def _read(directory: str, name: str) -> bytes:
    return (Path(directory) / name).read_bytes()
