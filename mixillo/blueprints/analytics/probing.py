"""What the probe's people told of is forgotten with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.analytics.models import EventTracking
from mixillo.blueprints.analytics.schemas.given import EXAMPLE
from mixillo.blueprints.analytics.services import recording
from mixillo.ops.probes import accounts


def connect() -> None:
    """Clear up after the probe's users from now on."""
    accounts.removing.connect(_remove)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove their events, and the documented example, which a probe that is not signed in sent."""
    nobodys = recording.id_of(EXAMPLE["eventId"], None)
    events = database[EventTracking.collection().name]
    events.delete_many({"user": {"$in": user_ids}})
    events.delete_one({"_id": nobodys})
