"""Asking with patience: a rate limit is waited for, within bounds, and the run as a whole has an end."""

import time
from collections.abc import Callable

from mixillo.ops.probes.http import Answer, NoAnswer, Request, Server

DEFAULT_WAIT = 1.0
# Limits by the minute are waited for, those by the hour are not.
LONGEST_WAIT = 60.0


class Unavailable(Exception):
    """Something a case needs is not to be had; the message becomes the reason why it is blocked."""


class Patience:
    """Sends requests to ``server``.

    ``seconds`` bounds the run; ``waiting`` is how much of it may go by waiting for rate limits, each time at most
    ``LONGEST_WAIT``. ``on_wait(seconds)`` is told before.
    """

    def __init__(
        self, server: Server, *, seconds: float, waiting: float, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._server = server
        self._ends = time.monotonic() + seconds
        self._waiting = waiting
        self._sleep = sleep
        self.on_wait: Callable[[float], None] = lambda _seconds: None

    def ask(self, request: Request) -> Answer:
        """Return the answer to ``request``, which is sent again after a 429 when waiting pays.

        :raises NoAnswer: there is none.
        :raises Unavailable: the run's time is over, or the rate limit asks for too long a wait.
        """
        while True:
            if time.monotonic() >= self._ends:
                raise Unavailable("the run's time was over")
            answer = self._server.send(request)
            if answer.status != 429:
                return answer
            self._wait(_seconds(answer))

    def try_ask(self, request: Request) -> Answer | None:
        """Return the answer to an auxiliary request, or ``None``: what is wrong there, its own case will tell."""
        try:
            return self.ask(request)
        except (NoAnswer, Unavailable):
            return None

    def _wait(self, seconds: float) -> None:
        if seconds > min(LONGEST_WAIT, self._waiting, self._ends - time.monotonic()):
            raise Unavailable(f"the rate limit asks to wait {seconds:g} s")
        self._waiting -= seconds
        self.on_wait(seconds)
        self._sleep(seconds)


def _seconds(answer: Answer) -> float:
    text = answer.headers.get("retry-after", "")
    return max(DEFAULT_WAIT, float(text)) if text.isdecimal() else DEFAULT_WAIT
