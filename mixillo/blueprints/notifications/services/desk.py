"""The desk where news wait to be told: beside the answers, many at once.

A thousand likes of one post that come within a moment are one write. While the database is away news wait. What waits
at the end is told before the process ends; one that is killed forgets the news of its last moments: what they are
about is stored, and whoever looks finds it.
"""

import threading
from collections import deque

import structlog
from bson import ObjectId
from flask import Flask, current_app, has_app_context
from pymongo.errors import PyMongoError

from mixillo.blueprints.notifications.services import telling
from mixillo.blueprints.notifications.services.news import News
from mixillo.extensions import socketio
from mixillo.ops import metrics

log = structlog.get_logger(__name__)
EXTENSION = "notifications_desk"
SECONDS_TO_GATHER, SECONDS_BETWEEN_RETRIES = 0.2, 2.0
MOST_WAITING, AT_ONCE = 20_000, 500


class Desk:
    """The news of one process of ``app``. Unless it ``works_alone``, somebody has to ask it to :meth:`write`."""

    def __init__(self, app: Flask, *, works_alone: bool) -> None:
        self._app = app
        self._works_alone = works_alone
        self._waiting: deque[News] = deque()
        self._lock = threading.Lock()
        self._is_working = False

    def take(self, *news: News) -> None:
        """Let ``news`` be told soon."""
        with self._lock:
            room = MOST_WAITING - len(self._waiting)
            self._waiting.extend(news[:room])
            wake = self._works_alone and bool(self._waiting) and not self._is_working
            self._is_working = self._is_working or wake
        if room < len(news):
            log.warning("news_dropped", number=len(news) - max(room, 0))
        if wake:
            socketio.start_background_task(self._work)

    def write(self) -> int:
        """Tell what waits, and return how many news that were.

        :raises PyMongoError: the database does not answer; what was not told waits on.
        """
        done = 0
        while batch := self._some():
            try:
                with self._app.app_context():
                    telling.tell(*batch)
            except PyMongoError:
                with self._lock:
                    self._waiting.extendleft(reversed(batch))
                raise
            except Exception as error:  # one that cannot be told must not keep all others from it
                log.warning("news_lost", number=len(batch), exc_info=error)
            done += len(batch)
        return done

    def write_or_lose(self) -> None:
        """Tell what waits before the process ends, if the database lets us."""
        try:
            self.write()
        except PyMongoError as error:
            log.error("news_lost", number=len(self._waiting), error=type(error).__name__)

    def take_back(self, event: ObjectId) -> None:
        """Tell nobody of what happened as ``event``, as far as it waits."""
        with self._lock:
            self._waiting = deque(news for news in self._waiting if news.event != event)

    def forget(self) -> None:
        """Forget what waits."""
        with self._lock:
            self._waiting.clear()

    def _some(self) -> list[News]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]

    def _work(self) -> None:
        """Tell what comes until nothing waits any more."""
        pause = SECONDS_TO_GATHER
        while True:
            socketio.sleep(pause)
            try:
                self.write()
                pause = SECONDS_TO_GATHER
            except PyMongoError as error:
                log.warning("people_not_told", error=type(error).__name__, waiting=len(self._waiting))
                pause = SECONDS_BETWEEN_RETRIES
            with self._lock:
                if not self._waiting:
                    self._is_working = False
                    return


def init_app(app: Flask) -> None:
    """Set up the desk of ``app``; in tests nothing is written behind their backs."""
    desk = app.extensions[EXTENSION] = Desk(app, works_alone=not app.testing)
    metrics.flusher_of(app).at_the_end.append(desk.write_or_lose)


def desk_of(app: Flask) -> Desk:
    """Return the desk of ``app``."""
    desk: Desk = app.extensions[EXTENSION]
    return desk


def take_back(event: ObjectId) -> None:
    """Tell nobody of ``event`` who was not told yet: it was taken back."""
    if has_app_context():
        desk_of(current_app).take_back(event)


def take(*news: News) -> None:
    """Let ``news`` be told soon; in commands, which have no application, at once."""
    if has_app_context():
        desk_of(current_app).take(*news)
    else:
        telling.try_to_tell(*news)
