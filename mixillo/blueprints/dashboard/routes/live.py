"""GET /ops/live, /ops/live.csv and what is below: streams, sockets, and what operators do with a stream."""

from typing import Any

from flask import Response, request

from mixillo.blueprints.dashboard.access import current_operator, operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.notices import action
from mixillo.blueprints.dashboard.queries import live as found
from mixillo.blueprints.dashboard.queries import live_tables as tables
from mixillo.blueprints.dashboard.reauthentication import recently_confirmed
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.blueprints.dashboard.tables import Table
from mixillo.blueprints.live.models import RUNNING, SCHEDULED
from mixillo.blueprints.live.queries import board, overview
from mixillo.blueprints.live.services import administering
from mixillo.core.db import ops_database
from mixillo.errors import NotFound, ServiceUnavailable, ValidationFailed
from mixillo.ops.metrics.sockets import reading

PAGE = "dashboard.live"
LONGEST_REASON = 200


@blueprint.get("/live")
@operator_required()
def live() -> str:
    """Show streams, sockets of every instance, and how late events are told."""
    ops, group, period = ops_database(), found.group_of(request.args), found.period_of(request.args)
    streams = once(lambda: board.streams(group))
    on_air = streams if group == board.NOW else once(lambda: board.streams(board.NOW))
    return render_page(
        "live",
        cards=("live_now", "live_streams", "live_instances", "live_charts"),
        now=once(lambda: found.now(ops, _value(on_air()))),
        streams=streams,
        counts=once(board.counts),
        instances=once(lambda: found.instances(ops)),
        charts=once(lambda: found.charts(ops, period)),
        group=group,
        period=period,
        periods=reading.OFFERED,
        choices=found.CHOICES,
        most=board.MOST,
        reads=found,
        tables=tables,
    )


@blueprint.get("/live.csv")
@operator_required()
def live_csv() -> Response:
    """Return one of the tables as the page shows it now: ``table=streams`` (the usual one) or ``instances``."""
    asked = measure(lambda: _table(request.args.get("table", "streams")))
    if asked.problem:
        raise ServiceUnavailable(f"{asked.problem}.")
    table: Table = asked.value
    return table.csv(f"live-{table.name}", asked.at)


@blueprint.get("/live/<stream_id>")
@operator_required()
def live_stream(stream_id: str) -> str:
    """Show one stream, with what may be done about it."""
    stored = overview.find(stream_id)
    return render_page(
        "live_stream",
        cards=("live_stream",),
        stream=once(lambda: board.one(overview.find(str(stored["_id"])))),
        may_feature=[*RUNNING, SCHEDULED],
        running=RUNNING,
        reads=found,
        tables=tables,
        longest_reason=LONGEST_REASON,
    )


@blueprint.post("/live/<stream_id>/end")
@operator_required("admin")
@recently_confirmed
@action("live.ended", page=PAGE)
def end_live_stream(stream_id: str) -> str:
    """End a stream once its confirmation is typed; host and viewers are told the reason."""
    stream = board.one(overview.find(stream_id))
    reason = request.form.get("reason", "").strip()
    if not 0 < len(reason) <= LONGEST_REASON or not reason.isprintable():
        raise ValidationFailed.of("reason", f"say why, in at most {LONGEST_REASON} characters")
    expected = f"end {tables.host(stream)}"
    if request.form.get("confirmation", "").strip() != expected:
        raise ValidationFailed.of("confirmation", f"type {expected!r}")
    administering.end(current_operator().actor, str(stream["_id"]), reason)
    return f"The stream of {tables.host(stream)} has ended."


@blueprint.post("/live/<stream_id>/feature")
@operator_required("operator")
@action("live.featured", page=PAGE)
def feature_live_stream(stream_id: str) -> str:
    """Put a stream forward, or with ``featured=no`` no more: each takes the other back."""
    is_featured = request.form.get("featured") != "no"
    stream = board.one(administering.feature(current_operator().actor, stream_id, is_featured))
    return f"The stream of {tables.host(stream)} is {'put forward' if is_featured else 'no longer put forward'}."


def _value(asked: Any) -> list[dict[str, Any]]:
    return asked.value or []


def _table(name: str) -> Table:
    group = found.group_of(request.args)
    if name == "streams":
        return tables.streams(board.streams(group), group, request.args)
    if name == "instances":
        return tables.instances(found.instances(ops_database()), request.args)
    raise NotFound(f"There is no table {name}.")
