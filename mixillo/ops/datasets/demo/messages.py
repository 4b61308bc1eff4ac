"""Private conversations of the demo."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bson import ObjectId

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.words import CHATS
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

CONVERSATIONS, OF_UNA, MOST_CHATS = 260, 8, 3
UNREAD = 0.3


def conversations(world: World, people: People, follows: Sequence[Document]) -> list[tuple[Document, list[Document]]]:
    """Return conversations between users of whom one follows the other, each with its messages."""
    active = {user["_id"]: user for user in people.active}
    una = people.named("una")["_id"]
    of_una = [row for row in follows if row["followerId"] == una][:OF_UNA]
    pairs: dict[frozenset[ObjectId], None] = {}
    for row in [*of_una, *world.rng.sample(follows, CONVERSATIONS)]:
        pairs.setdefault(frozenset((row["followerId"], row["followingId"])))
    return [
        _conversation(world, [active[identity] for identity in sorted(pair)]) for pair in list(pairs)[:CONVERSATIONS]
    ]


def _conversation(world: World, both: list[Document]) -> tuple[Document, list[Document]]:
    since = max(world.season, *(user["createdAt"] for user in both))
    started = world.between(since, world.moment)
    conversation = world.make.stamped("conversations", started, {"participants": [user["_id"] for user in both]})
    messages = list(_talk(world, conversation["_id"], both, started))
    unread = 1 if world.chance(UNREAD) else 0
    for message in messages[: len(messages) - unread]:
        message |= {"isRead": True, "readAt": min(world.moment, message["createdAt"] + timedelta(minutes=2))}
    last = messages[-1]
    conversation |= {
        "type": "private",
        "participantStatus": [
            {
                "userId": user["_id"],
                "unreadCount": 0 if user["_id"] == last["senderId"] else unread,
                "lastSentAt": _last_sent(messages, user),
                "lastReadAt": last["createdAt"] if user["_id"] == last["senderId"] or not unread else started,
                "isMuted": False,
                "isArchived": False,
                "joinedAt": started,
            }
            for user in both
        ],
        "isEncrypted": False,
        "messagesCount": len(messages),
        "updatedAt": last["createdAt"],
    }
    return conversation, messages


def _last_sent(messages: list[Document], user: Document) -> datetime:
    return max(message["createdAt"] for message in messages if message["senderId"] == user["_id"])


def _talk(world: World, conversation: ObjectId, both: list[Document], started: datetime) -> Iterator[Document]:
    """Yield the messages of one to three chats, the two taking turns."""
    lines = [line for chat in world.sample(CHATS, MOST_CHATS) for line in chat]
    moments = sorted(world.between(started, world.moment, soon=2) for _ in lines)
    for turn, (line, at) in enumerate(zip(lines, moments, strict=True)):
        yield world.make.dated(
            "messages",
            at,
            {
                "conversationId": conversation,
                "senderId": both[turn % 2]["_id"],
                "type": "text",
                "text": line,
                "isRead": False,
                "isDeleted": False,
                "reactions": [],
            },
        )
