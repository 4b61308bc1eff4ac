"""What happens every two seconds as long as a process has sockets."""

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from pymongo.errors import PyMongoError

log = structlog.get_logger(__name__)
SECONDS = 2.0


class Pulse:
    """Does ``work()`` again and again until it returns false; :meth:`wake` starts it anew.

    ``start`` runs a function beside everything else, the way the worker does it.
    """

    def __init__(self, work: Callable[[], bool], start: Callable[[Callable[[], None]], Any]) -> None:
        self._work = work
        self._start = start
        self._guard = threading.Lock()
        self._beats = False

    def wake(self) -> None:
        """See to it that it beats."""
        with self._guard:
            if self._beats:
                return
            self._beats = True
        self._start(self._run)

    def _run(self) -> None:
        while True:
            time.sleep(SECONDS)
            try:
                goes_on = self._work()
            except PyMongoError as error:
                log.warning("sockets_not_looked_after", reason=str(error))
            except Exception:
                log.exception("sockets_not_looked_after")
            else:
                with self._guard:
                    if not goes_on:
                        self._beats = False
                        return
