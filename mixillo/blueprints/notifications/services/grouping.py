"""Writing notifications: what happens to one thing before it is read is one of them.

That somebody was told of an event is known by a digest in the technical database, kept as long as notifications are.
The notification, its count and the digests change in one transaction, so that the count is that of the people.
"""

import hashlib
from datetime import timedelta
from typing import Any

from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.notifications.models import NOTIFIED, URGENT, Notification
from mixillo.blueprints.notifications.services import news as words
from mixillo.blueprints.notifications.services.news import News
from mixillo.blueprints.users.models import User
from mixillo.core import clock
from mixillo.core.db import ops_database, transact

Document = dict[str, Any]
KEPT = timedelta(days=90)
MOST_ACTORS = 3


def write(batch: list[News], usernames: dict[ObjectId, str]) -> Document | None:
    """Tell one person of news of one key; return the notification as it is stored now, ``None`` if all is known."""
    first = batch[0]

    def work(session: ClientSession) -> Document | None:
        fresh = _untold(batch, session)
        if not fresh:
            return None
        is_open = {"userId": first.user_id, "groupKey": first.key, "isRead": False}
        stored: Document | None = Notification.collection().find_one(is_open, session=session)
        made = stored or {"_id": ObjectId(), "count": 0, "actors": [], "firstAt": fresh[0].at}
        new_people = _new_people(fresh, made["_id"], session)
        changes = _changed(made, fresh, new_people, usernames)
        if stored is None:
            document = _new(first, made) | changes
            Notification.collection().insert_one(document, session=session)
            return document
        after: Document | None = Notification.collection().find_one_and_update(
            {"_id": stored["_id"]}, {"$set": changes}, return_document=ReturnDocument.AFTER, session=session
        )
        return after

    return transact(work, turns_of=[(first.user_id, first.key)])


def _new(news: News, made: Document) -> Document:
    """Return the document of a notification, without what changes when more of the same happens."""
    fields = Notification(
        id=made["_id"], userId=news.user_id, type=news.type, title=news.title, body="", groupKey=news.key,
        priority=URGENT.get(news.type, "normal"), relatedContentId=news.related_id, relatedType=news.related_type,
        imageUrl=news.image_url, actionUrl=news.action_url, actionData=news.data, firstAt=made["firstAt"],
    )  # fmt: skip
    document: Document = fields.to_mongo().to_dict()
    return document


def _changed(made: Document, fresh: list[News], new_people: list[ObjectId], usernames: dict[ObjectId, str]) -> Document:
    """Return what of a notification changes with ``fresh`` news."""
    last = fresh[-1]
    acting = [news.actor_id for news in reversed(fresh) if news.actor_id]
    actors = list(dict.fromkeys([*acting, *(made.get("actors") or [])]))[:MOST_ACTORS]
    nobodies = sum(1 for news in fresh if news.actor_id is None)
    count = (made.get("count") or 0) + len(new_people) + nobodies
    return {
        "title": last.title,
        "body": words.body(last, _named(actors, usernames), count),
        "count": count,
        "actors": actors,
        "senderId": actors[0] if actors else None,
        "createdAt": max(last.at, made.get("createdAt") or last.at),
    }


def _named(actors: list[ObjectId], usernames: dict[ObjectId, str]) -> list[str]:
    """Return what people are called, those who did it before included."""
    if missing := [each for each in actors if each not in usernames]:
        before = User.collection().find({"_id": {"$in": missing}}, {"username": 1})
        usernames |= {user["_id"]: user["username"] for user in before}
    return [usernames[each] for each in actors if each in usernames]


def _untold(batch: list[News], session: ClientSession) -> list[News]:
    """Return the news that this person was not told before, each once, and take note that they are now."""
    by_digest: dict[Binary, News] = {}
    for news in batch:
        by_digest.setdefault(_digest(news.user_id, news.key, news.event or news.actor_id), news)
    new = _note(list(by_digest), session)
    return sorted((by_digest[each] for each in new), key=lambda news: news.at)


def _new_people(fresh: list[News], group_id: ObjectId, session: ClientSession) -> list[ObjectId]:
    """Return who of those behind ``fresh`` news is new to the notification, which counts each person once."""
    once = [news.actor_id for news in fresh if news.actor_id and news.event is None]
    again = {_digest(group_id, "", news.actor_id): news.actor_id for news in fresh if news.actor_id and news.event}
    new = _note(list(again), session) if again else []
    return [*once, *(again[each] for each in new)]


def _note(digests: list[Binary], session: ClientSession) -> list[Binary]:
    """Return those of ``digests`` that were not known, which they are from now on."""
    notified = ops_database()[NOTIFIED]
    known = {Binary(each["_id"]) for each in notified.find({"_id": {"$in": digests}}, {"_id": 1}, session=session)}
    new = [each for each in digests if each not in known]
    expires = clock.now() + KEPT
    if new:
        notified.insert_many([{"_id": each, "expiresAt": expires} for each in new], session=session)
    return new


def _digest(*parts: Any) -> Binary:
    return Binary(hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=16).digest())
