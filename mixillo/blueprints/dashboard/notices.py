"""What came of an action, told once on the page that one is sent back to."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import redirect, url_for
from pymongo.errors import PyMongoError
from werkzeug.wrappers import Response

from mixillo.blueprints.dashboard.access import current_operator, current_session
from mixillo.blueprints.dashboard.keeping import kept_pages
from mixillo.blueprints.dashboard.services import sessions
from mixillo.blueprints.dashboard.services.sessions import Notice
from mixillo.core import audit_log
from mixillo.core.db import ops_database
from mixillo.errors import AppError

DONE, REFUSED = "ok", "down"


def action(name: str, page: str) -> Callable[[Callable[..., str]], Callable[..., Response]]:
    """Turn a view that does something and returns a sentence about it into one that answers on ``page``.

    ``page`` is the endpoint to go back to. A refusal (any :class:`~mixillo.errors.AppError`) is told there too, and
    stands in the audit log as ``name`` with its code; what is done the view records itself.
    """

    def decorate(view: Callable[..., str]) -> Callable[..., Response]:
        @wraps(view)
        def answered(*args: Any, **kwargs: Any) -> Response:
            try:
                leave(DONE, view(*args, **kwargs))
            except AppError as error:
                audit_log.record(name, actor=current_operator().actor, result=error.code)
                leave(REFUSED, error.detail)
            return redirect(url_for(page), 303)

        return answered

    return decorate


def leave(state: str, text: str) -> None:
    """Leave ``text`` for the next page of this session; ``state`` is ``ok``, ``degraded`` or ``down``."""
    session = current_session()
    assert session is not None  # only views for operators leave notices
    kept_pages().acted()
    sessions.leave_notice(ops_database(), session.id, {"state": state, "text": text})


def take() -> Notice | None:
    """Return what is to be told on this page, once; the question costs nothing when there is nothing."""
    session = current_session()
    if session is None or session.notice is None:
        return None
    try:
        return sessions.take_notice(ops_database(), session.id)
    except PyMongoError:  # the page is shown while the database is down, and the notice later
        return None
