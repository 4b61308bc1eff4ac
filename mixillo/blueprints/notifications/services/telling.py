"""Telling people: who is told at all, how, and the delivery to their sockets after the commit.

Features of the layers below send signals (see :mod:`~mixillo.blueprints.notifications.services.hearing`); those above
call :func:`tell`.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import structlog
from bson import ObjectId
from flask import has_app_context
from pymongo.errors import PyMongoError

from mixillo.blueprints.notifications import events
from mixillo.blueprints.notifications.models import EMAIL, IN_APP
from mixillo.blueprints.notifications.queries import inbox, wishes
from mixillo.blueprints.notifications.queries.wishes import Wishes
from mixillo.blueprints.notifications.services import grouping
from mixillo.blueprints.notifications.services.news import News, body
from mixillo.blueprints.users.models import ACTIVE, Block, User
from mixillo.core import clock, mail
from mixillo.core.events import Event
from mixillo.core.realtime import emit_to_user
from mixillo.ops.probes.accounts import is_probe

log = structlog.get_logger(__name__)
Document = dict[str, Any]
PERSON = dict.fromkeys(("username", "email", "status", "notificationSettings"), 1)


def tell(*news: News) -> list[Document]:
    """Tell people of ``news`` now, and return the notifications that are stored now; call it after the commit.

    Nobody is told of what they did themselves, nor of what somebody did with whom one of both blocks the other, nor
    what they do not want to know.

    :raises PyMongoError: the database does not answer; whoever calls after a commit rather uses :func:`try_to_tell`.
    """
    around = _Around(list(news))
    groups: dict[tuple[ObjectId, str], list[News]] = defaultdict(list)
    for each in news:
        if around.is_to_be_told(each):
            groups[each.user_id, each.key].append(each)
    told = [around.tell(batch) for batch in groups.values()]
    return [stored for stored in told if stored]


def try_to_tell(*news: News) -> None:
    """Tell people of ``news`` now, if it can be done: what they are about is done, and stays so."""
    try:
        tell(*news)
    except PyMongoError as error:
        log.warning("people_not_told", types=sorted({each.type for each in news}), error=type(error).__name__)


class _Around:
    """What has to be known of the people in some news; three small queries."""

    def __init__(self, news: list[News]) -> None:
        told = list({each.user_id for each in news})
        acting = list({each.actor_id for each in news if each.actor_id})
        users = User.collection().find({"_id": {"$in": [*{*told, *acting}]}}, PERSON)
        self.users = {user["_id"]: user for user in users}
        self.usernames = {user_id: user["username"] for user_id, user in self.users.items()}
        self.wishes = wishes.around([self.users[each] for each in told if each in self.users])
        self.blocks = blocks(told, acting) if acting else set()

    def is_to_be_told(self, news: News) -> bool:
        """Return whether somebody is there to be told, and not by somebody they have nothing to do with."""
        user = self.users.get(news.user_id)
        if user is None or user.get("status", ACTIVE) != ACTIVE or news.user_id == news.actor_id:
            return False
        if news.actor_id is None:
            return True
        actor = self.users.get(news.actor_id)
        if actor is None or actor.get("status", ACTIVE) != ACTIVE:
            return False
        if is_probe(actor["username"]) and not is_probe(user["username"]):
            return False
        pair = (news.user_id, news.actor_id)
        return pair not in self.blocks and pair[::-1] not in self.blocks

    def tell(self, batch: list[News]) -> Document | None:
        """Tell one person of news of one key by every way they want; return what is stored, if anything."""
        wanted, kind = self.wishes[batch[0].user_id], batch[0].type
        stored = grouping.write(batch, self.usernames) if wanted.wants(kind, IN_APP) else None
        if stored:
            deliver(events.TOLD, inbox.cards([stored])[0], wanted, inbox.unread(stored["userId"]))
        if wanted.wants(kind, EMAIL) and has_app_context():
            for each in batch:
                self._mail(each)
        return stored

    def _mail(self, news: News) -> None:
        names = [self.usernames[news.actor_id]] if news.actor_id in self.usernames else []
        mail.send(self.users[news.user_id]["email"], news.title, body(news, names, 1))


def deliver(by: Sequence[Event], shown: Document, wanted: Wishes, unread: int | None, *, silent: bool = False) -> None:
    """Tell the sockets of a person of a notification as it is shown, by these events; call it after the commit.

    It is ``silent`` where nothing may ring now, or need not.
    """
    silent = silent or not wanted.rings(shown["type"], clock.now())
    for event in by:
        emit_to_user(shown["userId"], event, {"notification": shown, "unreadCount": unread, "silent": silent})


def blocks(told: list[ObjectId], acting: list[ObjectId]) -> set[tuple[ObjectId, ObjectId]]:
    """Return who blocks whom, between those who are told and those who acted."""
    pairs = [
        {"userId": {"$in": told}, "blockedUserId": {"$in": acting}},
        {"userId": {"$in": acting}, "blockedUserId": {"$in": told}},
    ]
    found = Block.collection().find({"$or": pairs}, {"_id": 0, "userId": 1, "blockedUserId": 1})
    return {(block["userId"], block["blockedUserId"]) for block in found}
