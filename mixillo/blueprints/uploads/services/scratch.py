"""Files of the system for programs that read nothing else, as small as can be."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from mixillo.blueprints.uploads.services.boxes import Bytes

STEP = 1024 * 1024
# A program that only looks at a film reads its beginning and what describes it.
BEGINNING = 16 * STEP


@contextmanager
def copied(file: Bytes) -> Iterator[IO[bytes]]:
    """Copy all of ``file``."""
    with sketched(file, [(0, file.size)]) as scratch:
        yield scratch


@contextmanager
def sketched(file: Bytes, parts: Iterable[tuple[int, int]]) -> Iterator[IO[bytes]]:
    """Copy ``parts`` of ``file`` to where they are in it; in between there is nothing, which takes no room."""
    with tempfile.TemporaryFile(prefix="mixillo-") as scratch:
        for start, end in parts:
            for at in range(start, min(end, file.size), STEP):
                scratch.seek(at)
                scratch.write(file.read(at, min(at + STEP, end, file.size)))
        scratch.truncate(file.size)
        yield scratch
