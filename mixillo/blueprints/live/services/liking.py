"""Likes: taps, as many as somebody likes; see :mod:`.tally`."""

from bson import ObjectId

from mixillo.blueprints.live.queries import sight
from mixillo.blueprints.live.services.tally import LIKES, tally
from mixillo.core import ratelimits
from mixillo.core.ratelimits import Rate
from mixillo.core.security import Viewer

MOST_AT_ONCE = 50
TAPS = Rate("live_likes", 600, 60)


def like(viewer: Viewer, stream_id: ObjectId, taps: int) -> int:
    """Count some taps of somebody who sees the stream, and return about how many there are with them.

    :raises StreamNotFound: there is none that the viewer may see.
    :raises NotOnAir: it has not begun, or is over.
    :raises Unwelcome: the viewer was kicked or banned.
    """
    stream = sight.find(stream_id, viewer)
    sight.check_on_air(stream)
    sight.check_welcome(stream, viewer)
    tap(viewer, stream_id, taps)
    return int(stream.get("likesCount") or 0) + taps


def tap(viewer: Viewer, stream_id: ObjectId, taps: int) -> None:
    """Count some taps of somebody who is in the room.

    :raises TooManyRequests: nobody taps so fast.
    """
    ratelimits.check(TAPS, f"user:{viewer.id}", taps)
    tally.note(stream_id, LIKES, taps)
