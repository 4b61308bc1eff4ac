"""What becomes of streams that nobody looks after: a guard of each change is that it is still so."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from mixillo.blueprints.live.models import LIVE, PAUSED, RTMP, SCHEDULED, STARTING, Livestream
from mixillo.blueprints.live.services import hosting, publishing
from mixillo.blueprints.live.services.states import WrongState
from mixillo.core import clock

Document = dict[str, Any]
TO_BEGIN = timedelta(minutes=10)
WITHOUT_HOST = timedelta(minutes=5)
PAUSE = timedelta(minutes=15)
LATE = timedelta(hours=24)
AT_ONCE = 500


def look_after() -> dict[str, int]:
    """Let time run out for streams, and return how many have failed, paused, ended or were missed."""
    now = clock.now()
    starting = {"status": STARTING, "statusAt": {"$lt": now - TO_BEGIN}}
    alone = {"status": LIVE, "aliveAt": {"$lt": now - WITHOUT_HOST}}
    silent = {"status": LIVE, "provider": RTMP, "publisher.seenAt": {"$lt": now - publishing.SILENCE}}
    gone = _gone(now)
    comes_back = {"publisher.endsAt": now + publishing.SILENCE}
    paused = {"status": PAUSED, "statusAt": {"$lt": now - PAUSE}}
    missed = {"status": SCHEDULED, "scheduledFor": {"$lt": now - LATE}}
    return {
        "failed": _each(starting, lambda each: hosting.fail(each, hosting.NEVER_BEGAN, STARTING, starting)),
        "paused": _each(silent, lambda each: hosting.pause(each, silent, comes_back))
        + _each(alone, lambda each: hosting.pause(each, alone)),
        "ended": _each(gone, lambda each: hosting.end(each, hosting.MEDIA_GONE, also=gone))
        + _each(paused, lambda each: hosting.end(each, hosting.NO_HOST, also=paused)),
        "missed": _each(missed, lambda each: hosting.fail(each, hosting.MISSED, SCHEDULED, missed)),
    }


def end_if_gone(stream: Document) -> None:
    """End a stored stream (``publisher`` is enough of it) whose encoder did not come back in time."""
    now = clock.now()
    ends = (stream.get("publisher") or {}).get("endsAt")
    if ends and ends < now:
        with suppress(WrongState):  # it did after all, or another instance has ended it
            hosting.end(stream["_id"], hosting.MEDIA_GONE, also=_gone(now))


def _gone(now: datetime) -> Document:
    return {"status": PAUSED, "publisher.endsAt": {"$lt": now}}


def _each(where: Document, change: Callable[[Any], Any]) -> int:
    changed = 0
    for stream in Livestream.collection().find(where, {"_id": 1}, limit=AT_ONCE):
        try:
            change(stream["_id"])
        except WrongState:  # somebody else was faster, or it is alive after all
            continue
        changed += 1
    return changed
