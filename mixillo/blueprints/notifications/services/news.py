"""News: something that happened and that somebody is to be told; and the words for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.core import clock

# Of a caption or a comment so much is quoted.
LONGEST_QUOTE = 120


@dataclass(frozen=True)
class News:
    """Tell ``user_id`` that ``actor_id`` (nobody in particular: ``None``) did something.

    ``key`` names what it was done to: news of one key that come before the first is read are one notification.
    ``event`` is the id of what happened (a comment): it is told once, and a person may do it again. Without it, it is
    something that a person does once, like liking: told once, however often it is taken back and done again.

    ``text`` follows the names (``ada and 12 others`` *liked your post*); ``alone`` does so while it is one person, and
    may tell more. Without an actor they are whole sentences.
    """

    type: str
    user_id: ObjectId
    key: str
    title: str
    text: str
    alone: str | None = None
    actor_id: ObjectId | None = None
    event: ObjectId | str | None = None
    related_id: ObjectId | None = None
    related_type: str | None = None
    image_url: str | None = None
    action_url: str | None = None
    data: dict[str, Any] | None = None
    at: datetime = field(default_factory=lambda: clock.now())


def names(latest: Sequence[str], count: int) -> str:
    """Return ``ada``, ``ada and bob`` or ``ada and 12 others``; ``latest`` are usernames, the latest first."""
    if not latest:
        return "Somebody" if count == 1 else f"{count} people"
    if count <= 1:
        return latest[0]
    if count == 2:
        return f"{latest[0]} and {latest[1]}" if len(latest) > 1 else f"{latest[0]} and 1 other"
    return f"{latest[0]} and {count - 1} others"


def body(news: News, latest: Sequence[str], count: int) -> str:
    """Return what is told of ``news`` when it is ``count`` people by now."""
    words = news.alone if count == 1 and news.alone else news.text
    return f"{names(latest, count)} {words}" if news.actor_id else words


def quoted(text: str | None) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join((text or "").split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1].rstrip()}…"
