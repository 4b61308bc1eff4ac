"""Pages and their cards: a whole page, or the one card of it that the open page asks for again."""

from typing import Any

from flask import current_app, render_template, request

from mixillo.blueprints.dashboard.access import LIVE_HEADER, current_operator
from mixillo.blueprints.dashboard.pages import navigation
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.version import VERSION


def render_page(name: str, *, cards: tuple[str, ...], **values: Any) -> str:
    """Return the page ``dashboard/<name>.html``, or only those of its ``cards`` that the request names.

    A card is the template ``dashboard/cards/<card>.html`` and an element of that id. ``values`` that cost a
    question to the database are functions (:func:`~.measuring.once`): asked for by a card that shows them, and
    once for all cards of an answer.
    """
    operator = current_operator()
    settings: Settings = current_app.config["SETTINGS"]
    values |= {
        "operator": operator,
        "navigation": navigation(operator),
        "rendered_at": clock.now(),
        "environment": settings.environment,
        "revision": settings.revision or VERSION,
    }
    wanted = [card for card in _wanted() if card in cards]
    templates = [f"dashboard/cards/{card}.html" for card in wanted] or [f"dashboard/{name}.html"]
    return "\n".join(render_template(template, **values) for template in templates)


def _wanted() -> list[str]:
    """Return the cards that this request is for: those out of date, or the one that htmx will replace."""
    if "HX-Request" not in request.headers:
        return []
    return (request.headers.get(LIVE_HEADER) or request.headers.get("HX-Target", "")).split(",")
