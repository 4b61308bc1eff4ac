"""Who is on the air, told to those who follow them: in batches, by a job that goes on where it stopped.

A document of ``announcements`` (of the technical database) is there while a stream is being told of::

    {_id: of the stream, after: how far it came, told, createdAt}

Each batch stores its notifications and how far it came in one transaction, so that nobody is told twice or left out,
wherever a process is killed. A host who goes on the air again before somebody has read of it is one notification,
which leads to the latest stream. Who follows somebody and does not want to hear of them (``notificationsEnabled``) does
not; nor do people across a block. Nobody is sent mail of it, as with all messages to many.
"""

from typing import Any

import structlog
from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from mixillo.blueprints.live.models import ON_AIR, Livestream
from mixillo.blueprints.live.services import telling as live
from mixillo.blueprints.notifications import events
from mixillo.blueprints.notifications.models import ANNOUNCEMENTS, IN_APP, LIVE, LIVESTREAM, Notification
from mixillo.blueprints.notifications.queries import inbox, wishes
from mixillo.blueprints.notifications.queries.wishes import Wishes
from mixillo.blueprints.notifications.services import telling
from mixillo.blueprints.notifications.services.news import quoted
from mixillo.blueprints.users.models import ACTIVE, User
from mixillo.blueprints.users.queries import people
from mixillo.core import clock
from mixillo.core.db import ops_database, transact
from mixillo.core.realtime import presence
from mixillo.extensions import socketio
from mixillo.ops import jobs
from mixillo.ops.probes.accounts import is_probe

log = structlog.get_logger(__name__)
Document = dict[str, Any]
JOB = "notifications.live"
TITLE = "On the air"
SYSTEM_ACTOR = {"kind": "system", "name": "mixillo"}
STREAM = dict.fromkeys(("hostId", "title", "thumbnailUrl", "status", "isPrivate", "allowedUsers"), 1)


def announce(stream: Document) -> None:
    """Have those who may hear of a stored stream told, soon and beside the request.

    What this process does not come to, the job does within two minutes.
    """
    new = {"$setOnInsert": {"after": None, "told": 0, "createdAt": clock.now()}}
    _announcements().update_one({"_id": stream["_id"]}, new, upsert=True)
    socketio.start_background_task(_begin, stream["_id"])


def start() -> ObjectId | None:
    """Start the job unless it is running, or there is nothing to do; return its id if it was started."""
    if _next() is None:
        return None
    return jobs.start_unless_running(ops_database(), JOB, work_off, actor=SYSTEM_ACTOR)


def work_off(report: jobs.Report) -> dict[str, Any]:
    """Tell of every stream that is to be told of, and return ``{batches, notifications}``."""
    batches = notifications = 0
    while announcement := _next():
        report(notifications, 0, str(announcement["_id"]))
        notifications += _tell_some(announcement)
        batches += 1
    return {"batches": batches, "notifications": notifications}


def _begin(stream_id: ObjectId) -> None:
    """Tell some hundreds; the job tells all others."""
    try:
        if announcement := _announcements().find_one({"_id": stream_id, "after": None}):
            _tell_some(announcement)
        start()
    except PyMongoError as error:
        log.warning("stream_not_announced", livestream_id=str(stream_id), error=type(error).__name__)


def _announcements() -> Any:
    return ops_database()[ANNOUNCEMENTS]


def _next() -> Document | None:
    found: Document | None = _announcements().find_one(sort=[("_id", 1)])
    return found


def _tell_some(announcement: Document) -> int:
    """Tell the next of those who may hear of a stream, and return how many were told."""
    stream = Livestream.collection().find_one({"_id": announcement["_id"]}, STREAM)
    if stream is None or stream["status"] not in ON_AIR:  # what is over meanwhile is no news
        _announcements().delete_one({"_id": announcement["_id"]})
        return 0
    some, after = live.some_of_audience(stream, announcement["after"])
    host = people.summaries([stream["hostId"]]).get(stream["hostId"])
    users = _listening(some, host) if host else []
    wanted = wishes.around(users)
    told = [user["_id"] for user in users if wanted[user["_id"]].wants(LIVE, IN_APP)]
    if not _store(announcement, stream, host or {}, told, after):
        return 0
    try:
        _deliver(stream, told, wanted)
    except (PyMongoError, OSError) as error:  # it is stored, and read when they look
        log.warning("notification_not_delivered", error=type(error).__name__)
    return len(told)


def _listening(user_ids: list[ObjectId], host: Document) -> list[Document]:
    """Return the stored accounts of those who are there and have no block between them and the host."""
    where = {"_id": {"$in": user_ids}, "status": ACTIVE}
    users = User.collection().find(where, {"username": 1, "notificationSettings": 1})
    apart = {each for pair in telling.blocks(user_ids, [host["_id"]]) for each in pair}
    return [
        user
        for user in users
        if user["_id"] not in apart and (not is_probe(host["username"]) or is_probe(user["username"]))
    ]


def _store(
    announcement: Document, stream: Document, host: Document, told: list[ObjectId], after: Document | None
) -> bool:
    """Store a batch and how far it came; ``False`` where another process was faster."""
    key = _key(stream)
    changes = _words(stream, host) | {"createdAt": clock.now()} if told else {}

    def work(session: ClientSession) -> bool:
        as_it_was = {"_id": announcement["_id"], "after": announcement["after"]}
        if not _moved_on(as_it_was, after, len(told), session):
            return False
        if not told:
            return True
        notifications = Notification.collection()
        waiting = {"userId": {"$in": told}, "groupKey": key, "isRead": False}
        have = set(notifications.distinct("userId", waiting, session=session))
        notifications.update_many(waiting, {"$set": changes}, session=session)
        if new := [_notification(user_id, key, stream, changes) for user_id in told if user_id not in have]:
            notifications.insert_many(new, session=session)
        return True

    return transact(work, turns_of=[stream["hostId"]])


def _moved_on(as_it_was: Document, after: Document | None, number: int, session: ClientSession) -> bool:
    if after is None:
        return bool(_announcements().delete_one(as_it_was, session=session).deleted_count)
    further = {"$set": {"after": after}, "$inc": {"told": number}}
    return bool(_announcements().update_one(as_it_was, further, session=session).matched_count)


def _key(stream: Document) -> str:
    return f"live:{stream['hostId']}"


def _words(stream: Document, host: Document) -> Document:
    """Return what a notification says of a stream; another one of the same host takes its place."""
    return {
        "title": TITLE,
        "body": f"{host['username']} is live: {quoted(stream['title'])}",
        "imageUrl": stream.get("thumbnailUrl"),
        "relatedContentId": stream["_id"],
        "actionUrl": f"/live/{stream['_id']}",
        "actionData": {"livestreamId": str(stream["_id"])},
    }


def _notification(user_id: ObjectId, key: str, stream: Document, words: Document) -> Document:
    made = Notification(
        id=ObjectId(), userId=user_id, type=LIVE, title=TITLE, body="", groupKey=key, relatedType=LIVESTREAM,
        senderId=stream["hostId"], actors=[stream["hostId"]], firstAt=words["createdAt"],
    )  # fmt: skip
    document: Document = made.to_mongo().to_dict()
    return document | words


def _deliver(stream: Document, told: list[ObjectId], wanted: dict[ObjectId, Wishes]) -> None:
    """Tell those who are online; to all others it is in their list."""
    there = presence.online(told)
    if not there:
        return
    where = {"userId": {"$in": list(there)}, "groupKey": _key(stream), "isRead": False}
    for shown in inbox.cards(list(Notification.collection().find(where, inbox.FIELDS))):
        telling.deliver(events.TOLD_TO_MANY, shown, wanted[shown["userId"]], None)
