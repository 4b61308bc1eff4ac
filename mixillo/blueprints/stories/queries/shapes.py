"""Stories as the API shows them: under the stored names and those of the mobile app."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.stories.models import DEFAULT_SECONDS, IMAGE
from mixillo.blueprints.stories.queries.sight import Circle, visibility

Document = dict[str, Any]
# Projection and defaults in one: documents of the existing database lack what was added later.
CARD: Document = {
    "userId": None,
    "type": IMAGE,
    "mediaUrl": "",
    "thumbnailUrl": None,
    "duration": DEFAULT_SECONDS,
    "caption": None,
    "musicId": None,
    "viewsCount": 0,
    "expiresAt": None,
    "createdAt": None,
}
FIELDS = dict.fromkeys([*CARD, "visibility", "isPrivate", "allowedUsers"], 1)


def card(story: Document, around: Circle, seen: set[ObjectId]) -> Document:
    """Return a stored story as it is shown; its author and administrators see too whom it is for by name."""
    made = {name: story.get(name, default) for name, default in CARD.items()}
    viewer, meant_for = around.around.viewer, visibility(story)
    is_own = viewer is not None and viewer.id == story["userId"]
    has_seen = is_own or story["_id"] in seen
    made |= {
        "_id": story["_id"],
        "id": story["_id"],
        "user": around.author(story["userId"]),
        "url": made["mediaUrl"],
        "thumbnail": made["thumbnailUrl"],
        "viewsCount": max(int(made["viewsCount"] or 0), 0),
        "visibility": meant_for,
        "privacy": meant_for,
        "hasViewed": has_seen,
        "isViewed": has_seen,
        "isMe": is_own,
    }
    if is_own or (viewer and viewer.is_admin):
        made["allowedUsers"] = list(story.get("allowedUsers") or [])
    return made


def group(author_id: ObjectId, cards: list[Document], around: Circle) -> Document:
    """Return one person's stories, the oldest first, as clients play them; ``hasViewed`` when all of them were seen."""
    author = around.author(author_id)
    latest = cards[-1]
    return {
        "_id": author_id,
        "userId": author_id,
        "user": author,
        "username": author["username"],
        "userAvatar": author["avatar"],
        "stories": cards,
        "latestStory": latest,
        "totalStories": len(cards),
        "hasViewed": all(each["hasViewed"] for each in cards),
        "isMe": cards[0]["isMe"],
        "createdAt": latest["createdAt"],
    }
