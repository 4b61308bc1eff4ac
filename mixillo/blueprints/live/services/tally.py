"""What comes too often to be written one by one: likes, and how many lines were said.

Taps are counted in memory and written once a second; a process that is killed loses the taps of its last second.
"""

import threading
import time
from collections import Counter
from datetime import timedelta

import structlog
from bson import ObjectId
from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from mixillo.blueprints.live import events
from mixillo.blueprints.live.models import Livestream
from mixillo.core import clock, realtime
from mixillo.extensions import socketio

log = structlog.get_logger(__name__)
SECONDS = 1.0
LIKES, MESSAGES = "likesCount", "messagesCount"
# Beyond that many between two writes taps are not counted; memory is not for sale.
MOST_WAITING = 20_000
BETWEEN_WORDS = timedelta(seconds=0.95)


class Tally:
    """Counts of streams that wait to be written; it writes as long as there are some, and rests otherwise."""

    def __init__(self) -> None:
        self._waiting: Counter[tuple[ObjectId, str]] = Counter()
        self._untold: set[ObjectId] = set()
        self._guard = threading.Lock()
        self._writes = False

    def note(self, stream_id: ObjectId, field: str, amount: int = 1) -> None:
        """Count ``amount`` more; it is written within a second."""
        with self._guard:
            if len(self._waiting) < MOST_WAITING:
                self._waiting[stream_id, field] += amount
            if self._writes:
                return
            self._writes = True
        socketio.start_background_task(self._run)

    def write(self) -> None:
        """Write what waits, and tell rooms how many likes there are."""
        with self._guard:
            waiting, self._waiting = self._waiting, Counter()
            untold, self._untold = self._untold, set()
        steps = [UpdateOne({"_id": stream}, {"$inc": {field: n}}) for (stream, field), n in waiting.items()]
        try:
            if steps:
                Livestream.collection().bulk_write(steps, ordered=False)
        except PyMongoError as error:
            log.warning("likes_lost", streams=len(steps), reason=str(error))
        for stream_id in untold | {stream for stream, field in waiting if field == LIKES}:
            self._tell(stream_id)

    def _tell(self, stream_id: ObjectId) -> None:
        """Tell a room its likes, unless another instance did so within the second: then it is told in the next one."""
        now = clock.now()
        streams = Livestream.collection()
        # Whoever sets the moment tells.
        due = {"_id": stream_id, "likesToldAt": {"$not": {"$gt": now - BETWEEN_WORDS}}}
        told = streams.find_one_and_update(due, {"$set": {"likesToldAt": now}}, {"likesCount": 1})
        if told:
            payload = {"livestreamId": stream_id, "likesCount": int(told.get("likesCount") or 0)}
            realtime.emit(events.LIKES, payload, to=events.room(stream_id))
        elif streams.find_one({"_id": stream_id}, {"_id": 1}):
            with self._guard:
                self._untold.add(stream_id)

    def _run(self) -> None:
        while True:
            time.sleep(SECONDS)
            try:
                self.write()
            except Exception:
                log.exception("likes_not_told")
            with self._guard:
                if not self._waiting and not self._untold:
                    self._writes = False
                    return


tally = Tally()
