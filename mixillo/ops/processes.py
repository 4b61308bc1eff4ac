"""Child processes that end with their parent, and strangers recognised by their command line."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

SET_PARENT_DEATH_SIGNAL = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None

Process = subprocess.Popen[bytes]


def spawn(command: Sequence[str], **options: Any) -> Process:
    """Start ``command`` in a session of its own, so that Ctrl-C in the terminal reaches the parent alone.

    On Linux it is asked to end (SIGTERM) when its parent ends, even by ``kill -9``. Call it in the main
    thread: the kernel takes the end of the calling thread for the end of the parent.

    :raises OSError: it cannot be started.
    """
    return subprocess.Popen(  # noqa: S603  every caller names its program itself
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent if _libc else None,
        **options,
    )


def stop(process: Process, seconds: float) -> None:
    """End ``process`` with SIGTERM, and with SIGKILL when it is still there after ``seconds``.

    What it has started ends with it, also where it ended by itself and left that behind.
    """
    with suppress(ProcessLookupError):
        process.terminate()
        process.send_signal(signal.SIGCONT)  # a stopped process cannot end
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for signum in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + seconds
        left = _signal_group(process.pid, signum)
        while left and time.monotonic() < deadline:
            time.sleep(0.02)
            left = _signal_group(process.pid, 0)


def stop_stranger(pid: int, marker: str, seconds: float) -> None:
    """End a process that is no child of ours, as long as its command line holds ``marker``."""
    for signum in (signal.SIGTERM, signal.SIGKILL):
        if marker not in command_of(pid):
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signum)
        deadline = time.monotonic() + seconds
        while marker in command_of(pid) and time.monotonic() < deadline:
            time.sleep(0.02)


def command_of(pid: int) -> str:
    """Return the command line of a process, empty when there is no such process."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    if sys.platform == "linux":
        return ""
    listed = subprocess.run(["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603
    return listed.stdout.strip()


def _signal_group(pid: int, signum: int) -> bool:
    """Send a signal to the session that ``pid`` was started in, and return whether anybody is left there."""
    try:
        os.killpg(pid, signum)
    except ProcessLookupError:
        return False
    return True


def _die_with_parent() -> None:
    assert _libc
    _libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
