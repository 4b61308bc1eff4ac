"""Asking for the password again before what cannot simply be taken back: a cookie alone is not the person."""

from functools import wraps
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import redirect, request, url_for

from mixillo.blueprints.dashboard.access import READING, View, current_session, safe_target
from mixillo.errors import Forbidden


class NotConfirmed(Forbidden):
    """The password was given too long ago for this."""

    code, title = "confirmation_required", "Confirm that it is you"


def recently_confirmed(view: View) -> View:
    """Ask for the password unless it was given within the last quarter of an hour; goes below ``operator_required``.

    What was sent is not kept: after confirming, one is back on the page and does it again knowingly.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if is_recently_confirmed():
            return view(*args, **kwargs)
        if "HX-Request" in request.headers:
            raise NotConfirmed("Reload the page and confirm with your password first.")
        return redirect(url_for("dashboard.confirm", next=_here()), 303)

    guarded.needs_confirmation = True  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def is_recently_confirmed() -> bool:
    """Return whether dangerous actions are open to this session now; pages offer the confirmation otherwise."""
    session = current_session()
    return session is not None and session.recently_confirmed


def _here() -> str:
    """Return the page that is being looked at: this one, or the one that the form stands on."""
    if request.method in READING:
        return safe_target(request.full_path.rstrip("?"))
    page = urlsplit(request.referrer or "")
    return safe_target(urlunsplit(("", "", page.path, page.query, "")) if page.netloc == request.host else None)
