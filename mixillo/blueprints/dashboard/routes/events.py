"""GET /ops/events, /ops/events/latest: what happens, as it happens."""

from flask import Response, request

from mixillo.blueprints.dashboard import sockets
from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.core import json
from mixillo.core.db import ops_database
from mixillo.ops import events as happening
from mixillo.ops.events import KEPT, KINDS, Event

MOST_ROWS = 500


@blueprint.get("/events")
@operator_required()
def events() -> str:
    """Show the last events, of the kinds that the URL names; the page's script adds what comes."""
    chosen = [kind for kind in request.args.getlist("kind") if kind in KINDS] or list(KINDS)
    return render_page(
        "events",
        cards=("live_events",),
        events=once(_latest),
        kinds=KINDS,
        chosen=chosen,
        most_rows=MOST_ROWS,
        kept=KEPT,
    )


@blueprint.get("/events/latest")
@operator_required()
def latest_events() -> Response:
    """Return the last events as JSON, the newest first, for pages whose socket is away; this process goes on listening.

    Shape: ``{"events": [{id, at, kind, name, summary}]}``.
    """
    found = measure(_latest)
    shown = found.value if found.value is not None else sockets.live_events().ring.events()[::-1]
    return Response(json.dumps({"events": [event.as_dict() for event in shown]}), mimetype="application/json")


def _latest() -> list[Event]:
    live = sockets.live_events()
    live.keep()
    return happening.merged(live.ring.events(), happening.recent(ops_database()))
