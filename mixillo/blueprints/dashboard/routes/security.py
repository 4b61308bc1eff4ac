"""GET /ops/security, /ops/security.csv, POST /ops/security/rate-limit: what protects the service, tried and seen."""

from collections.abc import Sequence
from functools import cache

from flask import Flask, Response, current_app, request

from mixillo.blueprints.dashboard import working
from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import once
from mixillo.blueprints.dashboard.notices import action
from mixillo.blueprints.dashboard.queries import protection
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops import configuration
from mixillo.ops import security as checks
from mixillo.ops.configuration import Entry
from mixillo.ops.security import Exposure, Finding, Limit, Secret


@blueprint.get("/security")
@operator_required()
def security() -> str:
    """Show findings, the rate limit and its last trial, what is really sent, secrets, lifetimes and every setting."""
    settings = _settings()
    job, look = working.latest(checks.KIND), cache(_look)
    return render_page(
        "security",
        cards=("security_findings", "rate_limit", "limits", "sent_headers", "origins", "secrets", "settings"),
        settings=settings,
        job=job,
        look=once(look),
        findings=once(lambda: _findings(look(), (job().value or {}).get("result"))),
        rows=lambda name: once(lambda: _rows(name))(),
        lifetimes=protection.lifetimes(settings),
        transport=lambda seen: protection.transport(settings, seen, is_secure=request.is_secure),
        table=lambda name, rows: protection.table(name, rows, request.args),
    )


@blueprint.get("/security.csv")
@operator_required()
def security_csv() -> Response:
    """Return one of the tables: ``table=settings`` (the usual one), ``secrets`` or ``limits``."""
    name = request.args.get("table", "settings")
    name = name if name in protection.TABLES else "settings"
    return protection.table(name, _rows(name), request.args).csv(f"security-{name}", clock.now())


@blueprint.post("/security/rate-limit")
@operator_required("operator")
@action("security.rate_limit_tried", page="dashboard.security")
def try_rate_limit() -> str:
    """Use up the rate limit of an address that nobody has, and see that the application refuses it."""
    working.start(checks.KIND, checks.trial(_app()))
    return "The rate limit is being tried."


def _rows(name: str) -> Sequence[Limit | Secret | Entry]:
    """Return the rows of one of the page's tables."""
    if name == "limits":
        return checks.limits(_app())
    return checks.secrets(_settings()) if name == "secrets" else configuration.in_force(_settings())


def _look() -> Exposure:
    return checks.look(_app(), _settings(), request.host_url)


def _findings(seen: Exposure, tried: dict[str, object] | None) -> list[Finding]:
    is_forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded"))
    return checks.findings(_settings(), seen, is_secure=request.is_secure, is_forwarded=is_forwarded, tried=tried)


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
