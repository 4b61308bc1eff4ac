"""Looking into files in processes of their own: one at a time, with limits, beside the event loop.

A green worker goes on serving while it waits for a child. What a child takes comes on top of what this process has,
so that there is never more than one.
"""

import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import structlog

from mixillo.errors import ServiceUnavailable

log = structlog.get_logger(__name__)
HERE = Path(__file__).parent
MEGABYTES, PROGRAM_MEGABYTES, SECONDS = 512, 1_024, 30
LONGEST_WAIT = 20.0
_place = threading.BoundedSemaphore(1)


def run_python(script: str, file: IO[bytes], *arguments: str) -> bytes | None:
    """Return what one of our own scripts prints about ``file``, ``None`` where it came to no end of its own."""
    command = [sys.executable, "-I", str(HERE / script), *arguments, str(MEGABYTES), str(SECONDS)]
    return _run(command, file)


def run_program(program: str, file: IO[bytes], *arguments: str) -> bytes | None:
    """Return what a program prints about ``file``, its standard input; ``None`` where it fails."""
    confined = [sys.executable, "-I", "-S", str(HERE / "confined_process.py"), str(PROGRAM_MEGABYTES), str(SECONDS)]
    return _run([*confined, program, *arguments], file)


def _run(command: list[str], file: IO[bytes]) -> bytes | None:
    """Run ``command``.

    :raises ServiceUnavailable: too many files wait already.
    """
    if not _place.acquire(timeout=LONGEST_WAIT):
        raise ServiceUnavailable("Too many files are waiting to be looked at.")
    try:
        file.flush()
        file.seek(0)
        done = subprocess.run(  # noqa: S603  a list of our own, no shell
            command, stdin=file, capture_output=True, timeout=SECONDS * 2, check=False, env={}, cwd="/"
        )
    except subprocess.TimeoutExpired:
        log.warning("file_took_too_long", command=Path(command[-1]).name)
        return None
    finally:
        _place.release()
    return done.stdout if done.returncode == 0 else None
