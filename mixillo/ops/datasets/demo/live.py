"""The demo's livestreams: live now, announced, and past."""

from datetime import datetime, timedelta
from typing import Any

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.words import STREAM_TITLES
from mixillo.ops.datasets.demo.world import MEDIA, World
from mixillo.ops.datasets.documents import Document

LIVE, SCHEDULED, ENDED, FEATURED = 8, 12, 40, 2
PROVIDERS = ("agora", "zegocloud", "webrtc")


def livestreams(world: World, people: People) -> list[Document]:
    """Return the streams, at most one at a time per host. Views and likes of a stream are kept only here."""
    hosts = [user for user in people.active if user["isCreator"]]
    chosen = [people.named("sam"), people.named("una"), *world.rng.sample(hosts[3:], LIVE + SCHEDULED - 2)]
    streams = [_live(world, host) for host in chosen[:LIVE]]
    for stream in streams[:FEATURED]:
        stream["isFeatured"] = True
    streams += [_scheduled(world, host) for host in chosen[LIVE:]]
    return streams + [_ended(world, world.pick(hosts)) for _ in range(ENDED)]


def _live(world: World, host: Document) -> Document:
    started = world.between(world.ago(minutes=100), world.ago(minutes=10))
    watching = world.rng.randint(4, 90)
    return _stream(world, host, started, "live", watching, {"currentViewers": watching, "startedAt": started})


def _scheduled(world: World, host: Document) -> Document:
    announced = world.between(max(host["createdAt"], world.ago(days=3)), world.ago(hours=1))
    planned = world.between(world.moment + timedelta(hours=2), world.moment + timedelta(days=7))
    when = planned.replace(minute=0, second=0)
    return _stream(world, host, announced, "scheduled", 0, {"scheduledFor": when})


def _ended(world: World, host: Document) -> Document:
    started = world.between(max(host["createdAt"], world.ago(days=30)), world.ago(hours=3))
    lasted = min(world.rng.randint(15, 150) * 60, int((world.moment - started).total_seconds()) - 60)
    watching = world.rng.randint(10, 200)
    ended = started + timedelta(seconds=lasted)
    fields = {"startedAt": started, "endedAt": ended, "duration": lasted, "totalWatchTime": watching * lasted // 3}
    return _stream(world, host, started, "ended", watching, fields)


def _stream(
    world: World, host: Document, created: datetime, status: str, watching: int, fields: dict[str, Any]
) -> Document:
    key = f"{world.rng.getrandbits(40):010x}"
    seen = world.rng.randint(watching, 3 * watching + 1) if watching else 0
    return world.make.stamped(
        "livestreams",
        created,
        {
            "hostId": host["_id"],
            "title": world.pick(STREAM_TITLES),
            "description": "Come in, say hello, stay for a while.",
            "thumbnailUrl": f"{MEDIA}/live/{key}.jpg",
            "provider": world.pick(PROVIDERS),
            "streamId": f"stream_{key}",
            "channelId": f"channel_{key}",
            "type": "solo",
            "status": status,
            "isPrivate": False,
            "isFeatured": False,
            "allowedUsers": [],
            "participants": [],
            "currentViewers": 0,
            "peakViewers": watching,
            "totalViews": seen,
            "uniqueViewers": seen,
            "likesCount": seen // 2,
            "sharesCount": seen // 20,
            "giftsReceived": [],
            "giftsCount": 0,
            "totalGiftsValue": 0,
            "chatRoomId": f"chat_{key}",
            "messagesCount": 0,
            "allowComments": True,
            "allowGifts": True,
            "allowSharing": True,
            "isRecorded": False,
            "moderators": [],
            "bannedUsers": [],
            **fields,
        },
        fields.get("endedAt"),
    )
