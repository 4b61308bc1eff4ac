"""The states of a stream: who may go where, in one step that others cannot get between.

::

    scheduled → starting → live ⇄ paused → ended
        └──────────────────→ live     starting → failed, scheduled → failed

What a provider of the app's own carries is on the air at once; ``rtmp`` is ``starting`` until our media server says
that something arrives.
"""

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.live.models import ENDED, FAILED, LIVE, PAUSED, SCHEDULED, STARTING, Livestream
from mixillo.blueprints.live.queries import sight
from mixillo.core import clock
from mixillo.errors import Conflict

Document = dict[str, Any]
# To each state from these.
SOURCES: dict[str, tuple[str, ...]] = {
    STARTING: (SCHEDULED,),
    LIVE: (SCHEDULED, STARTING, PAUSED),
    PAUSED: (LIVE,),
    ENDED: (STARTING, LIVE, PAUSED),
    FAILED: (SCHEDULED, STARTING),
}


class WrongState(Conflict):
    """It does not go from the state that the stream is in; ``state`` says which."""

    code, title = "live_wrong_state", "The stream is not in a state for that"


def move(
    stream_id: ObjectId,
    to: str,
    session: ClientSession,
    *,
    sources: tuple[str, ...] | None = None,
    also: Document | None = None,
    fields: Document | None = None,
) -> Document:
    """Bring a stream into the state ``to`` and return it as it is then.

    ``sources`` narrows the states it may come from, ``also`` what else must hold; ``fields`` are set with it.

    :raises StreamNotFound: there is none.
    :raises WrongState: it is in a state that none leads from.
    """
    now = clock.now()
    changed = {"status": to, "statusAt": now, "updatedAt": now} | _stamps(to, now) | (fields or {})
    steps: Document = {"$set": changed}
    if to == LIVE:
        # The first moment on the air stays, whatever pauses follow.
        steps = [  # type: ignore[assignment]
            {"$set": {name: {"$literal": value} for name, value in changed.items()}},
            {"$set": {"startedAt": {"$ifNull": ["$startedAt", now]}}},
        ]
    allowed = [each for each in SOURCES[to] if sources is None or each in sources]
    moved: Document | None = Livestream.collection().find_one_and_update(
        {"_id": stream_id, "status": {"$in": allowed}} | (also or {}),
        steps,
        projection=sight.LIGHT,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if moved is None:
        state = sight.stored(stream_id)["status"]
        raise WrongState(f"A stream that is {state} cannot become {to}.", state=state)
    return moved


def _stamps(to: str, now: Any) -> Document:
    if to == LIVE:
        return {"aliveAt": now}
    if to == ENDED:
        return {"endedAt": now, "currentViewers": 0, "isSettled": False}
    return {"failureTimestamp": now} if to == FAILED else {}
