"""Answers that would tell by their time what their text does not."""

import time

from mixillo.extensions import socketio

# Longer than what differs: no account, argon2id and the existing system's bcrypt hashes; one write more or less.
# Shorter than the 300 ms in which Auth is to answer: held up to that, each such answer was over it.
SECONDS = 0.25


def begin() -> float:
    """Return the moment from which :func:`hold` counts."""
    return time.perf_counter()


def hold(begun: float) -> None:
    """Wait until ``SECONDS`` have passed since ``begun``, while the event loop serves others."""
    socketio.sleep(max(0.0, begun + SECONDS - time.perf_counter()))
