"""Streams as the API shows them: under the stored names and those of the mobile app and the dashboard."""

from collections.abc import Iterable
from typing import Any

from bson import ObjectId

from mixillo.blueprints.live.models import LIVE
from mixillo.blueprints.live.queries import keys
from mixillo.blueprints.users.queries import people

Document = dict[str, Any]
# Projection and defaults in one: documents of the existing database lack what was added later.
CARD: Document = {
    "hostId": None, "title": "", "description": None, "thumbnailUrl": None, "provider": "", "streamId": "",
    "channelId": None, "chatRoomId": None, "hlsUrl": None, "type": "solo", "status": "", "isPrivate": False,
    "isFeatured": False, "currentViewers": 0, "peakViewers": 0, "totalViews": 0, "uniqueViewers": 0, "likesCount": 0,
    "sharesCount": 0, "giftsCount": 0, "totalGiftsValue": 0, "messagesCount": 0, "slowModeSeconds": 0,
    "allowComments": True, "allowGifts": True, "allowSharing": True, "isRecorded": False, "recordingUrl": None,
    "scheduledFor": None, "startedAt": None, "endedAt": None, "duration": None, "createdAt": None, "updatedAt": None,
}  # fmt: skip
# What the mobile app and the dashboard call it besides.
OTHER_NAMES = {
    "thumbnail": "thumbnailUrl", "streamUrl": "hlsUrl", "viewerCount": "currentViewers", "likeCount": "likesCount",
    "giftCount": "giftsCount", "scheduledAt": "scheduledFor", "featured": "isFeatured",
}  # fmt: skip
# Nobody's business but the host's: whoever has the key can stream in their name.
OWN: Document = {
    "streamKey": None, "rtmpUrl": None, "allowedUsers": [], "moderators": [], "totalWatchTime": None,
    "avgWatchTime": None, "returningViewers": None, "failureReason": None,
}  # fmt: skip
WHO_MAY = ["moderators", "allowedUsers", "bannedUsers"]
FIELDS = dict.fromkeys([*CARD, "allowedUsers", "moderators", "aliveAt"], 1)
OWN_FIELDS = dict.fromkeys([*CARD, *OWN], 1)
COUNTS = (
    "currentViewers", "peakViewers", "totalViews", "uniqueViewers", "likesCount", "sharesCount", "giftsCount",
    "messagesCount", "slowModeSeconds",
)  # fmt: skip


def cards(streams: Iterable[Document]) -> list[Document]:
    """Return stored streams as lists show them; those whose host is gone are left out."""
    listed = list(streams)
    hosts = people.summaries(list({stream["hostId"] for stream in listed}))
    return [card(stream, hosts[stream["hostId"]]) for stream in listed if stream["hostId"] in hosts]


def card(stream: Document, host: Document) -> Document:
    """Return a stored stream as it is shown, with its ``host`` beside it."""
    made = {name: stream.get(name, default) for name, default in CARD.items()}
    made |= {name: max(int(made[name] or 0), 0) for name in COUNTS}
    made["totalGiftsValue"] = coins(made["totalGiftsValue"])
    made |= {other: made[name] for other, name in OTHER_NAMES.items()}
    return made | {
        "_id": stream["_id"],
        "id": stream["_id"],
        "host": host,
        "hostUsername": host["username"],
        "hostAvatar": host["avatar"],
        "isLive": made["status"] == LIVE,
        "hlsExpiresAt": None,
    }


def own(stream: Document) -> Document:
    """Return a stored stream as its host sees it, key included."""
    host_id: ObjectId = stream["hostId"]
    host = people.summaries([host_id]).get(host_id) or people.SUMMARY | {"_id": host_id}
    own_fields = {name: stream.get(name, default) for name, default in OWN.items()}
    return card(stream, host) | own_fields | {"streamKey": keys.shown(stream), "rtmpUrl": keys.server(stream)}


def coins(value: Any) -> int:
    """Return a stored number of coins."""
    return int(value.to_decimal() if hasattr(value, "to_decimal") else value or 0)
