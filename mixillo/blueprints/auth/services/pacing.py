"""Answers that would tell by their time what their text does not."""

import time

from mixillo.extensions import socketio

# Longer than what differs: no account, argon2id and the existing system's bcrypt hashes; one write more or less.
SECONDS = 0.3


def begin() -> float:
    """Return the moment from which :func:`hold` counts."""
    return time.perf_counter()


def hold(begun: float) -> None:
    """Wait until ``SECONDS`` have passed since ``begun``, while the event loop serves others."""
    socketio.sleep(max(0.0, begun + SECONDS - time.perf_counter()))
