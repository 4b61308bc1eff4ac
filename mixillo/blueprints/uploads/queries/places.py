"""Where the addresses of files are stored. A field that may hold one and is not named here loses its files."""

import re
from collections.abc import Iterable

import pymongo

from mixillo.blueprints.uploads.queries.addresses import PREFIX
from mixillo.core.db import OURS, database

# collection: the fields that may hold addresses; through lists and embedded documents alike.
PLACES = {
    "adcampaigns": ("creative.imageUrl", "creative.videoUrl"),
    "banners": ("imageUrl",),
    "categories": ("icon", "image"),
    "chatmessages": ("attachment.url",),
    "contents": ("videoUrl", "thumbnailUrl", "imageUrls", "qualities.url"),
    "conversations": ("groupAvatar",),
    "creatorsubscriptions": ("badge.badgeIcon", "customEmotes.emoteUrl"),
    "creditpackages": ("icon",),
    "disputes": ("evidence.fileUrl",),
    "faqcategories": ("icon",),
    "gifts": ("icon", "animationUrl"),
    "gifttransactions": ("giftIcon",),
    "knowledgebases": ("featuredImage", "attachments.url"),
    "languages": ("flagIcon",),
    "levels": ("icon",),
    "livestreams": ("thumbnailUrl", "recordingUrl"),
    "messages": ("mediaUrl", "thumbnailUrl"),
    "notifications": ("imageUrl",),
    "orders": ("items.image",),
    "products": ("images.url", "videoUrl", "variants.image"),
    "reports": ("screenshots",),
    "reviews": ("images",),
    "sounds": ("audioUrl", "coverUrl"),
    "stores": ("logo", "banner"),
    "stories": ("mediaUrl", "thumbnailUrl"),
    "storyhighlights": ("coverUrl", "items.mediaUrl", "items.thumbnailUrl"),
    "streamfilters": ("thumbnailUrl",),
    "supporterbadges": ("icon", "appearance.icon"),
    "supporttickets": ("attachments.url",),
    "themes": ("previewImage",),
    "ticketmessages": ("attachments.url",),
    "tickets": ("attachments.url",),
    "transcodejobs": ("sourceUrl", "outputUrls"),
    "users": ("avatar",),
    "videoqualities": ("originalUrl", "qualities.url"),
}
# It reads whole collections, once for many keys; nobody waits for it.
SECONDS = 120


def used(keys: Iterable[str]) -> set[str]:
    """Return those of ``keys`` whose address some document has, under whatever name this place had then."""
    wanted = sorted(set(keys))
    if not wanted:
        return set()
    address = re.compile(f"{PREFIX}({'|'.join(map(re.escape, wanted))})")
    found: set[str] = set()
    with pymongo.timeout(SECONDS):
        for collection, fields in PLACES.items():
            anywhere = {"$or": [{field: {"$regex": address.pattern}} for field in fields]}
            roots = {field.partition(".")[0]: 1 for field in fields} | {"_id": 0}
            for document in database()[collection].find(anywhere, roots, comment=OURS):
                found |= set(address.findall(repr(document)))
    return found
