"""The 500 users of the demo and who follows whom."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.core import clock
from mixillo.core.passwords import hash_password
from mixillo.ops.datasets.demo.words import BIOS
from mixillo.ops.datasets.demo.world import MEDIA, World
from mixillo.ops.datasets.documents import Account, Document

USERS = 500
SELLERS = range(8, 8 + 39 * 12, 12)  # the positions of 39 of them; the fortieth is sam
# username, full name, role; they come first, so they also lead by popularity.
NAMED = (("una", "Una Lindqvist", "user"), ("sam", "Sam Okafor", "seller"), ("ada", "Ada Brennan", "admin"))
# out of a hundred users
STATUSES = {"active": 96, "inactive": 2, "suspended": 1, "banned": 1}
GENDERS = ("female", "male", "other", "prefer_not_to_say")


@dataclass
class People:
    """``users`` by popularity; ``active`` and ``sellers`` are parts of it."""

    users: list[Document]
    active: list[Document]
    sellers: list[Document]
    homes: dict[ObjectId, tuple[str, str]]
    popularity: list[float]

    def named(self, username: str) -> Document:
        return next(user for user in self.users if user["username"] == username)

    def popular(self, world: World, count: int) -> list[Document]:
        """Return ``count`` active users; the popular come more often, and more than once."""
        return world.rng.choices(self.active, cum_weights=self.popularity, k=count)


def accounts(password: str) -> tuple[Account, ...]:
    return tuple(Account(username, _email(username), password, role) for username, _name, role in NAMED)


def users(world: World, password: str) -> People:
    """Return the users; only the named ones can sign in, with ``password``."""
    known = hash_password(password)
    forgotten = hash_password(clock.random_token())
    taken: set[str] = set()
    made, homes = [], {}
    for position in range(USERS):
        locale, country = world.home()
        named = NAMED[position] if position < len(NAMED) else None
        username, full_name, role = named or _stranger(world, locale, position, taken)
        taken.add(username)
        joined = _joined(world, named is not None)
        fields = _profile(world, username, full_name, role, locale)
        fields["password"] = known if named else forgotten
        user = world.make.stamped("users", joined, fields, world.between(joined, world.moment, 0.3))
        user["lastLogin"] = user["lastActiveAt"] = user["updatedAt"]
        made.append(user)
        homes[user["_id"]] = (locale, country)
    active = [user for user in made if user["status"] == "active"]
    sellers = [user for user in made if user["role"] == "seller"]
    return People(made, active, sellers, homes, _popularity(len(active)))


def _stranger(world: World, locale: str, position: int, taken: set[str]) -> tuple[str, str, str]:
    faker = world.fake(locale)
    full_name = f"{faker.first_name()} {faker.last_name()}"
    ascii_name = unicodedata.normalize("NFKD", full_name).encode("ascii", "ignore").decode()
    username = re.sub(r"[^a-z0-9]+", "_", ascii_name.lower()).strip("_")[:24]
    if username in taken or len(username) < 3:
        username = f"{username}_{position}"
    return username, full_name, "seller" if position in SELLERS else "user"


def _joined(world: World, named: bool) -> datetime:
    """Return when somebody joined: the closer to the present, the more of them."""
    if named:
        return world.ago(days=400)
    return world.between(world.ago(days=395), world.ago(hours=2), 0.7)


def _profile(world: World, username: str, full_name: str, role: str, locale: str) -> dict[str, Any]:
    named = any(username == name for name, *_rest in NAMED)
    seller = role == "seller"
    born = world.between(world.ago(days=60 * 365), world.ago(days=17 * 365))
    status = "active" if named or seller else world.rng.choices(list(STATUSES), list(STATUSES.values()))[0]
    return {
        "email": _email(username),
        "username": username,
        "fullName": full_name,
        "avatar": f"{MEDIA}/avatars/{username}.jpg",
        "bio": world.pick(BIOS),
        "phone": world.fake(locale).phone_number(),
        "dateOfBirth": born.replace(hour=0, minute=0, second=0),
        "gender": world.pick(GENDERS),
        "role": role,
        "status": status,
        "isVerified": named or world.chance(0.12),
        "isFeatured": named or world.chance(0.04),
        "followersCount": 0,
        "followingCount": 0,
        "videosCount": 0,
        "likesReceivedCount": 0,
        "viewsCount": 0,
        "socialLinks": {"instagram": f"@{username}"} if world.chance(0.5) else {},
        "fcmTokens": [],
        "notificationSettings": {
            "push": True,
            "email": True,
            "sms": False,
            "likes": True,
            "comments": True,
            "follows": True,
            "mentions": True,
            "messages": True,
            "liveStreams": True,
            "orders": True,
        },
        "privacySettings": {
            "isPrivate": not named and world.chance(0.05),
            "allowMessages": "everyone",
            "allowComments": "everyone",
            "showOnlineStatus": True,
        },
        "isCreator": role != "admin" and (named or seller or world.chance(0.3)),
        "isSeller": seller,
        "sellerStatus": "approved" if seller else "pending",
        "migratedFromFirebase": False,
        "loginCount": world.rng.randint(1, 300),
    }


def _email(username: str) -> str:
    return f"{username}@example.com"


def _popularity(count: int) -> list[float]:
    """Return cumulative weights after Zipf: a few are followed by most, most by a few."""
    total, weights = 0.0, []
    for rank in range(1, count + 1):
        total += 1 / (rank + 8) ** 0.7
        weights.append(total)
    return weights


def follows(world: World, people: People) -> list[Document]:
    """Return who follows whom, and count it into the users."""
    rows = []
    for follower in people.active:
        wanted = 60 if follower["username"] == "una" else 3 + int(40 * world.rng.random() ** 2)
        followed = {user["_id"]: user for user in people.popular(world, wanted)}
        followed.pop(follower["_id"], None)
        for user in followed.values():
            since = max(follower["createdAt"], user["createdAt"])
            fields = {"followerId": follower["_id"], "followingId": user["_id"], "notificationsEnabled": True}
            rows.append(world.make.dated("follows", world.between(since, world.moment), fields))
            user["followersCount"] += 1
        follower["followingCount"] = len(followed)
    return rows


def followers_of(rows: Sequence[Document]) -> dict[ObjectId, list[ObjectId]]:
    """Return the followers of each followed user."""
    found: dict[ObjectId, list[ObjectId]] = {}
    for row in rows:
        found.setdefault(row["followingId"], []).append(row["followerId"])
    return found
