"""GET /, /api, /api/openapi.json, /api/asyncapi.json, /api/docs, /api/docs/events, /problems/:name."""

import math

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirection

from mixillo.core import asyncapi, events, json
from mixillo.core import openapi as openapi_document
from mixillo.core.api import cacheable
from mixillo.core.kept import kept
from mixillo.core.realtime import asking
from mixillo.core.security import public
from mixillo.errors import NotFound, problem_types
from mixillo.version import VERSION

blueprint = Blueprint("docs", __name__)


@blueprint.get("/")
@blueprint.get("/api")
@public
def entrance() -> Redirection:
    """Lead whoever comes without knowing what is here to the documentation."""
    return redirect(url_for("docs.browse"))


@blueprint.get("/api/openapi.json")
@public
def openapi() -> Response:
    """Return the OpenAPI 3.1 document of this application."""
    return cacheable(Response(openapi_document.document(current_app), mimetype="application/json"))


@blueprint.get("/api/docs")
@public
def browse() -> str:
    """Show the document, with a form to try each operation."""
    return render_template("docs/browse.html", version=VERSION)


@blueprint.get("/api/asyncapi.json")
@public
def live() -> Response:
    """Return the AsyncAPI 3 document of the live events."""
    host = current_app.config["SETTINGS"].base_url.partition("://")[2]
    raw = kept("asyncapi.json", math.inf, lambda: json.dumps(asyncapi.document(host)))
    return cacheable(Response(raw, mimetype="application/json"))


@blueprint.get("/api/docs/events")
@public
def browse_events() -> str:
    """Show the live events: what the server tells, and what clients may send."""
    return render_template(
        "docs/events.html",
        version=VERSION,
        told=sorted(events.CATALOGUE.items()),
        asked=sorted(asking.CATALOGUE.items()),
    )


@blueprint.get("/problems/<name>")
@public
def problem(name: str) -> str:
    """Explain the kind of error that a problem object's ``type`` points to."""
    kind = problem_types().get(name)
    if kind is None:
        raise NotFound("There is no such kind of problem.")
    return render_template("docs/problem.html", problem=kind, version=VERSION)
