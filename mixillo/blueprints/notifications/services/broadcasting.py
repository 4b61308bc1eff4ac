"""Messages of administrators to all, to a segment or to some people: a job in batches that goes on where it stopped.

A message is a document of ``broadcasts`` (of the technical database)::

    {_id, title, body, type, link, imageUrl, recipientType, targetSegment, targets, state, total, done, sent, skipped,
     failed, readCount, lastId, actor, createdAt, updatedAt, finishedAt}

``state`` is ``waiting``, ``sending``, ``done``, ``withdrawing`` or ``withdrawn``. Each batch stores its notifications
and how far it came in one transaction, so that nobody is told twice or left out, wherever a process is killed; another
goes on within two minutes.
"""

from typing import Any

import structlog
from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError

from mixillo.blueprints.notifications import events
from mixillo.blueprints.notifications.models import BROADCASTS, IN_APP, Notification
from mixillo.blueprints.notifications.queries import broadcasts, inbox, wishes
from mixillo.blueprints.notifications.queries.broadcasts import BroadcastNotFound
from mixillo.blueprints.notifications.services import telling
from mixillo.blueprints.users.models import ACTIVE, User
from mixillo.core import audit_log, clock
from mixillo.core.db import ops_database, transact
from mixillo.core.security import Viewer
from mixillo.ops import jobs

log = structlog.get_logger(__name__)
Document = dict[str, Any]
JOB = "notifications.broadcast"
ALL, SEGMENT, SPECIFIC = RECIPIENTS = ("all", "segment", "specific")
SEGMENTS: dict[str, Document] = {
    "verified": {"isVerified": True}, "creators": {"isCreator": True}, "sellers": {"isSeller": True},
}  # fmt: skip
WAITING, SENDING, DONE, WITHDRAWING, WITHDRAWN = STATES = ("waiting", "sending", "done", "withdrawing", "withdrawn")
UNFINISHED = (WAITING, SENDING, WITHDRAWING)
BATCH = 500
SYSTEM_ACTOR = {"kind": "system", "name": "mixillo"}


def send(admin: Viewer, message: Document, broadcast_id: ObjectId) -> Document:
    """Have a message sent, and return it as administrators see it; ``broadcast_id`` makes repeating this harmless."""
    stored = _document(admin, message, broadcast_id)

    def work(session: ClientSession) -> None:
        ops_database()[BROADCASTS].insert_one(stored, session=session)
        _record("notification.broadcast_sent", admin, stored, session)

    try:
        transact(work)
    except DuplicateKeyError:  # the same request, again
        return broadcasts.one(broadcast_id)
    start()
    return broadcasts.one(broadcast_id)


def withdraw(admin: Viewer, broadcast_id: ObjectId) -> Document:
    """Take a message back from everybody who got it, and return it; doing so twice is doing so once.

    :raises BroadcastNotFound: there is none.
    """

    def work(session: ClientSession) -> None:
        there = {"_id": broadcast_id, "state": {"$nin": [WITHDRAWING, WITHDRAWN]}}
        changes = {"$set": {"state": WITHDRAWING, "updatedAt": clock.now()}}
        stored = ops_database()[BROADCASTS].find_one_and_update(there, changes, session=session)
        if stored:
            _record("notification.broadcast_withdrawn", admin, stored, session)

    if ops_database()[BROADCASTS].find_one({"_id": broadcast_id}, {"_id": 1}) is None:
        raise BroadcastNotFound
    transact(work)
    start()
    return broadcasts.one(broadcast_id)


def start() -> ObjectId | None:
    """Start the job unless it is running, or there is nothing to do; return its id if it was started."""
    if _next() is None:
        return None
    return jobs.start_unless_running(ops_database(), JOB, work_off, actor=SYSTEM_ACTOR)


def work_off(report: jobs.Report) -> dict[str, Any]:
    """Do everything there is to do, message by message, and return ``{messages, notifications}``."""
    messages = notifications = 0
    while stored := _next():
        step = _take_back if stored["state"] == WITHDRAWING else _send_some
        while True:
            report(stored["done"], stored["total"], stored["title"])
            number, is_over = step(stored)
            notifications += number
            if is_over:
                break
            stored = ops_database()[BROADCASTS].find_one({"_id": stored["_id"]}) or stored
        messages += 1
    return {"messages": messages, "notifications": notifications}


def _document(admin: Viewer, message: Document, broadcast_id: ObjectId) -> Document:
    now = clock.now()
    stored: Document = {
        "_id": broadcast_id,
        "title": message["title"],
        "body": message["message"],
        "type": message["type"],
        "link": message.get("link") or None,
        "imageUrl": message.get("imageUrl") or None,
        "recipientType": message["recipientType"],
        "targetSegment": message.get("targetSegment") if message["recipientType"] == SEGMENT else None,
        "targets": message["userIds"] if message["recipientType"] == SPECIFIC else [],
        "state": WAITING,
        "lastId": None,
        "actor": {"kind": "user", "id": admin.id, "name": admin.username},
        "createdAt": now,
        "updatedAt": now,
        "finishedAt": None,
    } | dict.fromkeys(("done", "sent", "skipped", "failed", "readCount"), 0)
    total = User.collection().count_documents(_recipients(stored))
    # Who was named and is not there cannot be told.
    return stored | {"total": total, "failed": max(len(stored["targets"]) - total, 0)}


def _recipients(stored: Document) -> Document:
    """Return the filter of those whom a message is for."""
    where: Document = {"status": ACTIVE}
    if stored["recipientType"] == SPECIFIC:
        where["_id"] = {"$in": stored["targets"]}
    elif stored["recipientType"] == SEGMENT:
        where |= SEGMENTS[stored["targetSegment"]]
    return where


def _next() -> Document | None:
    """Return the oldest message that there is something to do for."""
    where = {"state": {"$in": list(UNFINISHED)}}
    found: Document | None = ops_database()[BROADCASTS].find_one(where, sort=[("createdAt", 1)], hint="unfinished")
    return found


def _send_some(stored: Document) -> tuple[int, bool]:
    """Tell the next of those whom a message is for; return how many were told, and whether these were the last."""
    where = _recipients(stored)
    behind = {"$and": [where, {"_id": {"$gt": stored["lastId"]}}]} if stored["lastId"] else where
    fields = {"notificationSettings": 1}
    users = list(User.collection().find(behind, fields, sort=[("_id", 1)], limit=BATCH, hint="_id_"))
    wanted = wishes.around(users)
    told = [user["_id"] for user in users if wanted[user["_id"]].wants(stored["type"], IN_APP)]
    documents = [_notification(stored, user_id) for user_id in told]
    is_over = len(users) < BATCH
    if not _store(stored, documents, users, is_over):
        return 0, True
    for document in documents:
        try:
            telling.deliver(events.TOLD_TO_MANY, inbox.card(document, {}), wanted[document["userId"]], None)
        except (PyMongoError, OSError) as error:  # it is stored, and read when they look
            log.warning("notification_not_delivered", error=type(error).__name__)
    return len(documents), is_over


def _store(stored: Document, documents: list[Document], users: list[Document], is_over: bool) -> bool:
    """Store a batch and how far it came; ``False`` where somebody else did, or the message was withdrawn."""
    now = clock.now()
    as_it_was = {"_id": stored["_id"], "state": stored["state"], "lastId": stored["lastId"]}
    steps = {"done": len(users), "sent": len(documents), "skipped": len(users) - len(documents)}
    fields: Document = {"updatedAt": now, "state": DONE if is_over else SENDING}
    fields |= {"lastId": users[-1]["_id"]} if users else {}
    fields |= {"finishedAt": now} if is_over else {}

    def work(session: ClientSession) -> bool:
        update = {"$inc": steps, "$set": fields}
        if not ops_database()[BROADCASTS].update_one(as_it_was, update, session=session).matched_count:
            return False
        if documents:
            Notification.collection().insert_many(documents, session=session)
        return True

    return transact(work)


def _notification(stored: Document, user_id: ObjectId) -> Document:
    now = clock.now()
    made = Notification(
        id=ObjectId(), userId=user_id, type=stored["type"], title=stored["title"], body=stored["body"],
        imageUrl=stored["imageUrl"], actionUrl=stored["link"], broadcastId=stored["_id"], createdAt=now, firstAt=now,
    )  # fmt: skip
    document: Document = made.to_mongo().to_dict()
    return document


def _take_back(stored: Document) -> tuple[int, bool]:
    """Delete some of what was sent; return that none was told, and whether nothing is left of it."""
    found = Notification.collection().find({"broadcastId": stored["_id"]}, {"_id": 1}, limit=BATCH)
    ids = [each["_id"] for each in found]
    if ids:
        Notification.collection().delete_many({"_id": {"$in": ids}})
        return 0, False
    now = clock.now()
    over = {"$set": {"state": WITHDRAWN, "finishedAt": now, "updatedAt": now}}
    ops_database()[BROADCASTS].update_one({"_id": stored["_id"], "state": WITHDRAWING}, over)
    return 0, True


def _record(action: str, admin: Viewer, stored: Document, session: ClientSession) -> None:
    audit_log.record(
        action,
        actor={"kind": "user", "id": str(admin.id), "name": admin.username},
        target=BROADCASTS,
        target_id=stored["_id"],
        changes={"after": {name: stored[name] for name in ("title", "type", "recipientType", "total")}},
        session=session,
    )
