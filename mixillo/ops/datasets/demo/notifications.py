"""What the users of the demo were told: made from what really happened to them, much of one thing as one."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from bson import ObjectId

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

SINCE_DAYS, UNREAD_DAYS = 30, 2
# Share of the happenings that are kept as notifications of others than the named users.
KEPT = {"like": 0.12, "comment": 0.3, "follow": 0.5, "gift": 1, "order": 1, "message": 0.2}
# What happens to one thing before it is read is one notification.
GROUPED = {"like": "liked your post", "follow": "follow you"}
MOST_ACTORS = 3
ORDER_NEWS = {
    "confirmed": "Your order is confirmed",
    "shipped": "Your order is on its way",
    "delivered": "Your order has arrived",
    "cancelled": "Your order was cancelled",
}


class News(NamedTuple):
    """Something that happened to ``user``; ``sender`` is who did it, ``about`` the thing and its kind."""

    kind: str
    user: ObjectId
    sender: ObjectId | None
    row: Document
    title: str
    body: str
    about: tuple[ObjectId, str] | None


def notifications(world: World, people: People, happened: Iterable[News]) -> list[Document]:
    """Return the notifications of the last month; those of the named users are complete."""
    complete = {people.named(username)["_id"] for username in ("una", "sam", "ada")}
    since = world.ago(days=SINCE_DAYS)
    told: dict[tuple[Any, ...], list[News]] = defaultdict(list)
    for news in happened:
        if news.row["createdAt"] < since or news.user == news.sender:
            continue
        if news.user in complete or world.chance(KEPT[news.kind]):
            told[_group(world, news, len(told))].append(news)
    names = {user["_id"]: user["username"] for user in people.users}
    return [_notification(world, names, group) for group in told.values()]


def _group(world: World, news: News, number: int) -> tuple[Any, ...]:
    """Return what ``news`` share that are one notification: unread likes of a post, unread followers."""
    if news.kind in GROUPED and news.row["createdAt"] >= world.ago(days=UNREAD_DAYS):
        return news.user, news.kind, news.about
    return (number,)


def _notification(world: World, names: dict[ObjectId, str], group: list[News]) -> Document:
    group = sorted(group, key=lambda news: news.row["createdAt"], reverse=True)
    latest, at = group[0], group[0].row["createdAt"]
    actors = list(dict.fromkeys(news.sender for news in group if news.sender))
    count = max(len(actors), 1)
    fields: dict[str, Any] = {
        "userId": latest.user,
        "type": latest.kind,
        "title": latest.title,
        "body": latest.body,
        "isRead": False,
        "sentViaFCM": False,
        "priority": "high" if latest.kind in ("order", "gift") else "normal",
        "count": count,
        "actors": actors[:MOST_ACTORS],
        "firstAt": group[-1].row["createdAt"],
    }
    if latest.sender is not None:
        fields["senderId"] = latest.sender
    if latest.about is not None:
        fields |= {"relatedContentId": latest.about[0], "relatedType": latest.about[1]}
    if count > 1:
        others = f"{count - 1} others" if count > 2 else "1 other"
        fields["body"] = f"@{names[actors[0]]} and {others} {GROUPED[latest.kind]}"
    if latest.kind in GROUPED:
        fields["groupKey"] = f"{latest.kind}:{latest.about[0]}" if latest.about else latest.kind
    if at < world.ago(days=UNREAD_DAYS):
        fields |= {"isRead": True, "readAt": world.between(at, world.moment, soon=4)}
    return world.make.dated("notifications", at, fields)


class Newsroom:
    """Turns rows into news; knows names and the authors of posts."""

    def __init__(self, people: People, posts: Iterable[Document]) -> None:
        self._names = {user["_id"]: user["username"] for user in people.users}
        self._authors = {post["_id"]: post["userId"] for post in posts}

    def likes(self, rows: Iterable[Document]) -> Iterable[News]:
        for row in rows:
            yield self._about_post("like", row, "New like", "liked your post")

    def comments(self, rows: Iterable[Document]) -> Iterable[News]:
        for row in rows:
            yield self._about_post("comment", row, "New comment", f"commented: {row['text']}")

    def follows(self, rows: Iterable[Document]) -> Iterable[News]:
        for row in rows:
            sender = row["followerId"]
            body = f"@{self._names[sender]} follows you"
            yield News("follow", row["followingId"], sender, row, "New follower", body, None)

    def gifts(self, rows: Iterable[Document]) -> Iterable[News]:
        for row in rows:
            body = f"@{self._names[row['senderId']]} sent you {row['quantity']} × {row['giftName']}"
            about = (row["contentId"], "content") if "contentId" in row else None
            if "livestreamId" in row:
                about = (row["livestreamId"], "livestream")
            yield News("gift", row["recipientId"], row["senderId"], row, "You got a gift", body, about)

    def messages(self, talks: Iterable[tuple[Document, list[Document]]]) -> Iterable[News]:
        for conversation, rows in talks:
            for row in rows:
                reader = next(user for user in conversation["participants"] if user != row["senderId"])
                title = f"Message from @{self._names[row['senderId']]}"
                yield News("message", reader, row["senderId"], row, title, row["text"], (row["_id"], "message"))

    def orders(self, rows: Iterable[Document]) -> Iterable[News]:
        for row in rows:
            about, number = (row["_id"], "order"), row["orderNumber"]
            yield News("order", row["sellerId"], row["userId"], row, "New order", f"Order {number}", about)
            for step in row["statusHistory"]:
                if step["status"] in ORDER_NEWS:
                    told = {"createdAt": step["timestamp"]}
                    yield News("order", row["userId"], None, told, ORDER_NEWS[step["status"]], number, about)

    def _about_post(self, kind: str, row: Document, title: str, text: str) -> News:
        post, sender = row["contentId"], row["userId"]
        body = f"@{self._names[sender]} {text}"
        return News(kind, self._authors[post], sender, row, title, body, (post, "content"))
