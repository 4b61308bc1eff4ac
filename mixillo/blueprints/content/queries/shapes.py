"""A post as the API shows it: under the stored names and those of the clients, with what it refers to beside it."""

from typing import Any

import structlog
from bson import ObjectId

from mixillo.blueprints.content.models import ACTIVE, FEED, Like, Save
from mixillo.blueprints.content.queries import sight
from mixillo.blueprints.content.queries.sight import Circle
from mixillo.core.db import database
from mixillo.core.security import Viewer

log = structlog.get_logger(__name__)
Document = dict[str, Any]
# Projection and defaults in one: documents of the existing database lack fields that were added later.
CARD: Document = {
    "userId": None,
    "type": "video",
    "postType": FEED,
    "title": None,
    "caption": None,
    "videoUrl": None,
    "thumbnailUrl": None,
    "imageUrls": [],
    "duration": None,
    "width": None,
    "height": None,
    "hashtags": [],
    "mentions": [],
    "products": [],
    "location": None,
    "soundId": None,
    "originalSound": False,
    "allowComments": True,
    "allowDuet": True,
    "allowStitch": True,
    "allowDownload": True,
    "viewsCount": 0,
    "likesCount": 0,
    "commentsCount": 0,
    "sharesCount": 0,
    "savesCount": 0,
    "publishedAt": None,
    "createdAt": None,
    "updatedAt": None,
}
# Nobody's business but the author's and the administrators'.
OWN: Document = {
    "status": ACTIVE, "isDeleted": False, "deletedAt": None, "scheduledFor": None, "uniqueViewsCount": 0,
}  # fmt: skip
FIELDS = dict.fromkeys([*CARD, *OWN, "visibility", "isPrivate"], 1)
LISTS = ("imageUrls", "hashtags", "mentions", "products")
COUNTERS = ("viewsCount", "likesCount", "commentsCount", "sharesCount", "savesCount")
SOUND: Document = {"title": "", "artist": None, "audioUrl": None, "coverUrl": None, "duration": None}


def cards(posts: list[Document], viewer: Viewer | None) -> list[Document]:
    """Return those of the stored ``posts`` that ``viewer`` sees, as lists show them.

    A document that cannot be shown is left out and logged: it must not take the list with it.
    """
    around = sight.circle([post["userId"] for post in posts if post.get("userId")], viewer)
    return shown([post for post in posts if around.sees(post)], around)


def shown(posts: list[Document], around: Circle) -> list[Document]:
    """Return stored ``posts`` as lists show them to the viewer of ``around``, who may see them all."""
    ids = [post["_id"] for post in posts]
    viewer = around.viewer
    liked = _marked(Like, viewer, ids) if viewer else set()
    saved = _marked(Save, viewer, ids) if viewer else set()
    sounds = _sounds([post["soundId"] for post in posts if post.get("soundId")])
    made = []
    for post in posts:
        try:
            card = _card(post, around)
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            log.warning("broken_content", contentId=str(post["_id"]), error=repr(error))
            continue
        card |= {
            "isLiked": post["_id"] in liked,
            "isSaved": post["_id"] in saved,
            "isBookmarked": post["_id"] in saved,
            "sound": sounds.get(card["soundId"]),
        }
        made.append(card)
    return made


def _card(post: Document, around: Circle) -> Document:
    made = {name: post.get(name, default) for name, default in CARD.items()}
    if post.get("status") == ACTIVE and not made["publishedAt"]:
        raise ValueError("published, and nobody knows when")
    for name in LISTS:
        made[name] = list(made[name] or [])
    for name in COUNTERS:
        made[name] = max(int(made[name] or 0), 0)
    author = around.authors[post["userId"]]
    meant_for, viewer = sight.visibility(post), around.viewer
    pictures = [made["videoUrl"]] if made["videoUrl"] else made["imageUrls"]
    if made["location"] is not None:
        made["location"] = {name: made["location"].get(name) for name in ("name", "latitude", "longitude")}
    made |= {
        "_id": post["_id"],
        "id": post["_id"],
        "creatorId": post["userId"],
        "creator": author,
        "user": author,
        "visibility": meant_for,
        "privacy": meant_for,
        "description": made["caption"],
        "mediaUrls": pictures,
        "mediaType": made["type"],
        "isFollowing": post["userId"] in around.followed,
    }
    if viewer and (viewer.id == post["userId"] or viewer.is_admin):
        made |= {name: post.get(name, default) for name, default in OWN.items()}
    return made


def _marked(model: type[Like] | type[Save], viewer: Viewer, content_ids: list[ObjectId]) -> set[ObjectId]:
    found = model.collection().find(
        {"userId": viewer.id, "contentId": {"$in": content_ids}}, {"_id": 0, "contentId": 1}
    )
    return {mark["contentId"] for mark in found}


def _sounds(sound_ids: list[ObjectId]) -> dict[ObjectId, Document]:
    if not sound_ids:
        return {}
    found = database()["sounds"].find({"_id": {"$in": list(set(sound_ids))}}, dict.fromkeys(SOUND, 1))
    return {
        sound["_id"]: {"_id": sound["_id"]} | {name: sound.get(name, default) for name, default in SOUND.items()}
        for sound in found
    }
