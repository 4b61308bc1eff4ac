"""What administrators and operators do with streams; all of it is in the audit log with its ``actor``."""

from typing import Any

from pymongo.client_session import ClientSession

from mixillo.blueprints.gifts.models import GiftTransaction
from mixillo.blueprints.live.models import RUNNING, LiveMessage, LiveParticipant, Livestream, ShoppingSession
from mixillo.blueprints.live.queries import overview
from mixillo.blueprints.live.services import hosting
from mixillo.core import audit_log, clock
from mixillo.core.db import transact

Document = dict[str, Any]
AT_ONCE = 1_000
# What gifts refer to stays, as a bare record that nobody sees.
BARE: Document = {
    "title": "Removed", "description": None, "thumbnailUrl": None, "recordingUrl": None, "hlsUrl": None,
    "isPrivate": True, "isFeatured": False, "allowedUsers": [], "moderators": [],
}  # fmt: skip


def end(actor: Document, text: str, reason: str | None) -> Document:
    """End somebody's stream and return it as it is stored then.

    :raises StreamNotFound: there is none of this id or business id.
    :raises WrongState: it does not run.
    """
    return hosting.end(overview.find(text)["_id"], reason or hosting.BY_ADMIN, actor=actor)


def feature(actor: Document, text: str, is_featured: bool) -> Document:
    """Put a stream forward, or no more, and return it.

    :raises StreamNotFound: there is none of this id or business id.
    """
    stream = overview.find(text)

    def work(session: ClientSession) -> None:
        step = {"$set": {"isFeatured": is_featured, "updatedAt": clock.now()}}
        Livestream.collection().update_one({"_id": stream["_id"]}, step, session=session)
        before = {"isFeatured": bool(stream.get("isFeatured"))}
        _record("live.featured", actor, stream, before, {"isFeatured": is_featured}, session)

    transact(work, turns_of=[stream["_id"]])
    return stream | {"isFeatured": is_featured}


def delete(actor: Document, text: str) -> None:
    """Remove a stream with what was said and who watched; it ends first if it runs.

    One in which gifts were given stays as a bare record, because the gifts refer to it.

    :raises StreamNotFound: there is none of this id or business id.
    """
    stream = overview.find(text)
    if stream["status"] in RUNNING:
        hosting.end(stream["_id"], hosting.BY_ADMIN, actor=actor)
    is_kept = GiftTransaction.collection().find_one({"livestreamId": stream["_id"]}, {"_id": 1}) is not None

    def work(session: ClientSession) -> None:
        streams, this = Livestream.collection(), {"_id": stream["_id"]}
        if is_kept:
            streams.update_one(this, {"$set": BARE | {"updatedAt": clock.now()}}, session=session)
        else:
            streams.delete_one(this, session=session)
        ShoppingSession.collection().delete_one({"livestreamId": stream["_id"]}, session=session)
        told = {"title": stream.get("title"), "hostId": stream["hostId"], "status": stream["status"]}
        _record("live.deleted", actor, stream, told, None, session)

    transact(work, turns_of=[stream["_id"]])
    for rows in (LiveMessage.collection(), LiveParticipant.collection()):
        while ids := [each["_id"] for each in rows.find({"livestreamId": stream["_id"]}, {"_id": 1}, limit=AT_ONCE)]:
            rows.delete_many({"_id": {"$in": ids}})


def _record(
    action: str, actor: Document, stream: Document, before: Document, after: Document | None, session: ClientSession
) -> None:
    audit_log.record(
        action,
        actor=actor,
        target=Livestream.collection().name,
        target_id=stream["_id"],
        changes={"before": before, "after": after},
        session=session,
    )
