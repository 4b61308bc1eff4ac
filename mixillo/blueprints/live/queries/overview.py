"""What administrators see of streams."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.live.models import (
    ENDED,
    FAILED,
    LIVE,
    NEWEST,
    ON_AIR,
    RUNNING,
    SCHEDULED,
    Livestream,
)
from mixillo.blueprints.live.queries import shapes, sight
from mixillo.blueprints.live.queries.sight import StreamNotFound
from mixillo.blueprints.users.queries import people
from mixillo.core.pagination import paginate
from mixillo.core.slugs import ID

Document = dict[str, Any]
MOST_HOSTS = 50


def everything(query: Document) -> tuple[list[Document], Document]:
    """Return a page of all streams, the latest first; ``status`` and ``search`` narrow it down."""
    where: Document = {"status": query["status"]} if "status" in query else {}
    if text := query.get("search"):
        where |= _named(text)
    found, pagination = paginate(Livestream.collection(), where, query, sort=NEWEST, projection=shapes.FIELDS)
    return shapes.cards(found), pagination


def find(text: str) -> Document:
    """Return the stored stream of this id or business id.

    :raises StreamNotFound: there is none.
    """
    where = {"_id": ObjectId(text)} if ID.fullmatch(text) else {"streamId": text}
    found: Document | None = Livestream.collection().find_one(where, sight.LIGHT)
    if found is None:
        raise StreamNotFound
    return found


def statistics() -> Document:
    """Return how many streams there are by state, who watches now, and what was given in all of them, in coins."""
    streams = Livestream.collection()
    by_state = {state: streams.count_documents({"status": state}) for state in (LIVE, SCHEDULED, ENDED, FAILED)}
    watching = list(
        streams.aggregate(
            [{"$match": {"status": {"$in": ON_AIR}}}, {"$group": {"_id": None, "now": {"$sum": "$currentViewers"}}}]
        )
    )
    given = streams.aggregate(
        [
            {"$match": {"totalGiftsValue": {"$gt": 0}}},
            {"$group": {"_id": None, "coins": {"$sum": "$totalGiftsValue"}}},
        ]
    )
    return {
        "total": streams.estimated_document_count(),
        "active": streams.count_documents({"status": {"$in": RUNNING}}),
        **by_state,
        "featured": streams.count_documents({"isFeatured": True}),
        "totalViewers": int(watching[0]["now"]) if watching else 0,
        "totalRevenue": sum(shapes.coins(each["coins"]) for each in given),
    }


def _named(text: str) -> Document:
    """Return the filter of the stream of this id or business id, or of those whose host's name begins so."""
    try:
        stream = find(text)
    except StreamNotFound:
        return {"hostId": {"$in": people.find_ids(text, MOST_HOSTS)}}
    # The moment as well: the list's own index finds it in the list's order.
    return {"createdAt": stream["createdAt"], "_id": stream["_id"]}
