"""Pages and their cards: a whole page, or the one card of it that the open page asks for again."""

from dataclasses import replace
from typing import Any

from flask import current_app, render_template, request
from markupsafe import escape

from mixillo.blueprints.dashboard.access import LIVE_HEADER, csrf_token, current_operator, current_session
from mixillo.blueprints.dashboard.keeping import kept_pages
from mixillo.blueprints.dashboard.measuring import FRESH_ENOUGH
from mixillo.blueprints.dashboard.pages import navigation
from mixillo.blueprints.dashboard.reauthentication import is_recently_confirmed
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.http import csp_nonce
from mixillo.ops import revisions

# What stands in a kept page for what belongs to one browser: nobody can guess these, so nothing else looks like them.
NONCE, FORM_TOKEN, FULL_NAME, USERNAME = (clock.random_token() for _ in range(4))


def render_page(name: str, *, cards: tuple[str, ...], **values: Any) -> str:
    """Return the page ``dashboard/<name>.html``, or only those of its ``cards`` that the request names.

    A card is the template ``dashboard/cards/<card>.html`` and an element of that id. ``values`` that cost a
    question to the database are functions (:func:`~.measuring.once`): asked for by a card that shows them, and
    once for all cards of an answer. A page may show what it showed somebody else of this role up to ``FRESH_ENOUGH``
    ago; a card that was told of a change never does, nor does a page after somebody has done something.
    """
    asked_at, operator, session = clock.now(), current_operator(), current_session()
    settings: Settings = current_app.config["SETTINGS"]
    wanted = tuple(card for card in _wanted() if card in cards)
    values |= {
        "operator": replace(operator, full_name=FULL_NAME, username=USERNAME),
        "navigation": navigation(operator),
        "rendered_at": asked_at,
        "environment": settings.environment,
        "revision": revisions.name_of(settings),
    }

    def render() -> str:
        templates = [f"dashboard/cards/{card}.html" for card in wanted] or [f"dashboard/{name}.html"]
        text = "\n".join(render_template(template, **values) for template in templates)
        return text.replace(csp_nonce(), NONCE).replace(csrf_token(), FORM_TOKEN)

    if session and session.notice and not wanted:
        kept_pages().acted()
        return _made_out(render())
    since = asked_at if LIVE_HEADER in request.headers else asked_at - FRESH_ENOUGH
    key = (operator.role, is_recently_confirmed(), request.full_path, wanted)
    return _made_out(kept_pages().get(key, since, render))


def _made_out(text: str) -> str:
    """Return a rendered page for the browser that asked."""
    operator = current_operator()
    mine = {
        NONCE: csp_nonce(),
        FORM_TOKEN: csrf_token(),
        FULL_NAME: escape(operator.full_name),
        USERNAME: escape(operator.username),
    }
    for theirs, own in mine.items():
        text = text.replace(theirs, own)
    return text


def _wanted() -> list[str]:
    """Return the cards that this request is for: those out of date, or the one that htmx will replace."""
    if "HX-Request" not in request.headers:
        return []
    return (request.headers.get(LIVE_HEADER) or request.headers.get("HX-Target", "")).split(",")
