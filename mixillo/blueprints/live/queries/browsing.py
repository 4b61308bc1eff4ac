"""Lists of streams, and one of them."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.queries import sight as people_in_sight
from mixillo.blueprints.live.models import LIVE, NEWEST, SCHEDULED, Livestream, StreamProvider
from mixillo.blueprints.live.queries import playback, shapes, sight
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer

Document = dict[str, Any]
SOONEST = [("scheduledFor", 1), ("_id", 1)]
MOST_PROVIDERS = 50


def listed(query: Document, viewer: Viewer | None) -> tuple[list[Document], Document]:
    """Return a page of the streams of one ``status`` (on the air unless told), the latest first.

    What the viewer may not see is left out of its page, which is shorter then.
    """
    where = {"status": query.get("status", LIVE)}
    return _seen(where, query, viewer, NEWEST)


def scheduled(query: Document, viewer: Viewer | None) -> tuple[list[Document], Document]:
    """Return a page of what is announced, the soonest first."""
    return _seen({"status": SCHEDULED, "scheduledFor": {"$type": "date"}}, query, viewer, SOONEST)


def mine(viewer: Viewer, query: Document) -> tuple[list[Document], Document]:
    """Return a page of the viewer's own streams, the latest first, keys included."""
    where = {"hostId": viewer.id} | ({"status": query["status"]} if "status" in query else {})
    found, pagination = paginate(
        Livestream.collection(), where, query, sort=NEWEST, projection=shapes.OWN_FIELDS, hint="newest_host"
    )
    return [shapes.own(stream) for stream in found], pagination


def one(stream_id: ObjectId, viewer: Viewer | None) -> Document:
    """Return a stream as it is shown; with what is only its host's to its host.

    :raises StreamNotFound: there is none that the viewer may see.
    """
    return shown(sight.find(stream_id, viewer), viewer)


def shown(stream: Document, viewer: Viewer | None) -> Document:
    """Return a stored stream that ``viewer`` sees as it is shown to them, with where they watch it."""
    made = shapes.own(stream) | playback.of(stream, viewer)
    if viewer is None or viewer.id != stream["hostId"]:
        made = {name: value for name, value in made.items() if name not in shapes.OWN}
    return made


def providers() -> list[Document]:
    """Return who carries media now, as clients choose among them."""
    found = StreamProvider.collection().find(
        {"enabled": True},
        {"name": 1, "displayName": 1, "enabled": 1, "status": 1, "priority": 1},
        sort=[("priority", 1), ("_id", 1)],
        limit=MOST_PROVIDERS,
    )
    plain: Document = {"displayName": None, "enabled": True, "status": "active", "priority": 0}
    return [plain | provider | {"id": provider["_id"]} for provider in found]


def _seen(
    where: Document, query: Document, viewer: Viewer | None, sort: list[tuple[str, int]]
) -> tuple[list[Document], Document]:
    found, pagination = paginate(Livestream.collection(), where, query, sort=sort, projection=shapes.FIELDS)
    around = people_in_sight.circle([stream["hostId"] for stream in found], viewer)
    seen = [stream for stream in found if sight.sees(stream, around)]
    return [shapes.card(stream, around.authors[stream["hostId"]]) for stream in seen], pagination
