"""Telling of events."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.analytics.routes.blueprint import blueprint, events
from mixillo.blueprints.analytics.schemas.given import EXAMPLE, BatchSchema, TrackSchema
from mixillo.blueprints.analytics.services import recording
from mixillo.core.api import Reply
from mixillo.core.ratelimits import Rate, check
from mixillo.core.security import optional_login, viewer

# Events, and not requests, of a caller: more than any person does.
RATE = Rate("events", 30_000, 60)
COUNT = fields.Integer(required=True)


@events.post("")
@optional_login
@events.accepts(BatchSchema, example={"events": [EXAMPLE]})
@events.returns(202, accepted=COUNT, duplicates=COUNT)
def track_batch(body: dict[str, Any]) -> dict[str, Any]:
    """Tell of events

    Up to 500 at once. They are stored when the answer comes; after a 503, or none, send them again: those with an
    `eventId` count once. Who is signed in is the user of all of them. When one is invalid none is taken, and the answer
    says which it is: `/events/3/eventType`.
    """
    check(RATE, cost=len(body["events"]))
    return recording.record(body["events"], viewer())


@blueprint.post("/track")
@optional_login
@blueprint.accepts(TrackSchema, example=EXAMPLE)
@blueprint.returns(202, accepted=COUNT, duplicates=COUNT)
def track(body: dict[str, Any]) -> Reply:
    """Tell of an event

    Or of several, as in `POST /api/events`. The names that the first clients use are taken too: `type` (`content_view`,
    `profile_view`, `search`, `click`, `impression`, `engagement`) and `event`, with `metrics` and `contentId`.
    """
    told = body.get("events", [body])
    check(RATE, cost=len(told))
    return Reply(recording.record(told, viewer()), "Event tracked")


blueprint.add_deprecated_alias("/events/track", track, successor="/api/analytics/track", methods=["POST"])
