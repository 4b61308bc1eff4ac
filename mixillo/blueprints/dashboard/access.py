"""Who may see a page of the dashboard: every view states it with one of these decorators.

The cookie: ``__Host-mixillo_ops``, Secure, HttpOnly, SameSite=Strict. Only outside production, and only over plain
HTTP, it is called ``mixillo_ops`` and not Secure: several clients refuse Secure cookies even from localhost.
"""

import gzip
import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from pymongo.errors import PyMongoError

from mixillo.blueprints.dashboard.measuring import outage
from mixillo.blueprints.dashboard.services import sessions
from mixillo.blueprints.dashboard.services.operators import ROLES, Operator
from mixillo.blueprints.dashboard.services.sessions import Session
from mixillo.core import clock, ratelimits
from mixillo.core.db import ops_database, seems_connected
from mixillo.core.security import Access
from mixillo.errors import Forbidden, Unauthorized

SECURE_COOKIE, PLAIN_COOKIE = "__Host-mixillo_ops", "mixillo_ops"
CSRF_FIELD, CSRF_HEADER = "csrf_token", "X-CSRF-Token"
# Names the cards that refresh themselves: nobody need be sitting there.
LIVE_HEADER = "X-Live"
READING = ("GET", "HEAD", "OPTIONS")
View = TypeVar("View", bound=Callable[..., Any])


class CsrfFailed(Forbidden):
    """The form does not belong to this browser's session."""

    code, title = "csrf_failed", "This form is too old"


def dashboard_public(view: View) -> View:
    """Declare that anybody may open ``view``; what it changes still needs a form of ours."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        # Counted apart from the API: clients at the same address must not keep an operator from signing in.
        ratelimits.check_default(key=f"dashboard:{request.remote_addr}")
        _check_form()
        return _private(make_response(view(*args, **kwargs)))

    return _declare(guarded, Access("public"))


def open_file(view: View) -> View:
    """Declare that ``view`` hands out a file that is the same for everybody."""
    return _declare(view, Access("public"))


def operator_required(role: str = "viewer") -> Callable[[View], View]:
    """Declare that ``view`` needs a signed-in operator who may do what ``role`` may."""
    roles = ROLES[ROLES.index(role) :]

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            session = current_session()
            if session is None:
                return _private(_ask_to_sign_in())
            ratelimits.check_default(key=f"operator:{session.operator.id}")
            if session.operator.role not in roles:
                raise Forbidden(f"This needs the role {role}; yours is {session.operator.role}.")
            _check_form()
            return _private(make_response(view(*args, **kwargs)))

        return _declare(guarded, Access("operator", roles))

    return decorate


def current_operator() -> Operator:
    """Return who is signed in; for views with ``operator_required``."""
    return g.operator_session.operator


def current_session() -> Session | None:
    """Return the session of this request, looked up once."""
    if "operator_session" not in g:
        cookie = cookie_value()
        g.operator_session = _session(cookie) if cookie else None
    return g.operator_session


def cookie_value() -> str | None:
    """Return the dashboard's cookie of this request, whether or not somebody is signed in with it."""
    cookie = request.cookies.get(SECURE_COOKIE)
    if cookie is None and not current_app.config["SETTINGS"].is_production:
        cookie = request.cookies.get(PLAIN_COOKIE)
    return cookie or g.get("visitor_cookie")


def set_cookie(response: Response, value: str) -> None:
    """Give the browser its cookie; it ends with the browser's session at the latest."""
    response.set_cookie(_cookie_name(), value, path="/", secure=_is_secure(), httponly=True, samesite="Strict")


def drop_cookie(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(_cookie_name(), path="/", secure=_is_secure(), httponly=True, samesite="Strict")


def csrf_token() -> str:
    """Return what the forms of this page carry; a visitor without a cookie gets one with the answer."""
    cookie = cookie_value()
    if cookie is None:
        cookie = g.visitor_cookie = sessions.new_cookie()
    return sessions.csrf_token(cookie)


def safe_target(target: str | None) -> str:
    """Return ``target`` if it is a page of the dashboard, else the first page: never another site."""
    parts = urlsplit(target or "")
    inside = parts.path == "/ops" or parts.path.startswith("/ops/")
    if target and inside and not (parts.scheme or parts.netloc) and "\\" not in target and target.isprintable():
        return target
    return url_for("dashboard.overview")


def _session(cookie: str) -> Session | None:
    """Return the session of ``cookie``; while the database is down, as it was last confirmed."""
    remembered = sessions.memory.recall(cookie) if request.method in READING else None
    if remembered and (outage.certain or not seems_connected()):
        return remembered
    try:
        return sessions.resume(ops_database(), cookie, active=LIVE_HEADER not in request.headers)
    except PyMongoError:
        if remembered:
            return remembered
        raise


def _ask_to_sign_in() -> Response:
    """Send the browser to the sign-in page and back afterwards."""
    if "HX-Request" in request.headers:
        raise Unauthorized("You are signed out; sign in to go on.")
    target = request.full_path.rstrip("?") if request.method in READING else None
    sign_in = url_for("dashboard.sign_in", next=target)
    if cookie_value() is None and request.headers.get("Sec-Fetch-Site") == "cross-site":
        # Strict cookies stay away when a link on another site was followed. From this page they come along.
        response = make_response(render_template("dashboard/opening.html", target=sign_in))
        response.headers["Refresh"] = f"0; url={sign_in}"
        return response
    return make_response(redirect(sign_in, 303))


def _check_form() -> None:
    """Check that a request that changes something was made by a page of ours, in this session.

    :raises CsrfFailed: it was not.
    """
    if request.method in READING:
        return
    cookie = cookie_value()
    offered = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    expected = sessions.csrf_token(cookie) if cookie else clock.random_token()
    if not hmac.compare_digest(expected.encode(), offered.encode("utf-8", "surrogatepass")):
        raise CsrfFailed("Open the page again and repeat what you did; cookies must be allowed.")


def _private(response: Response) -> Response:
    """Keep the page out of every cache, and hand a new visitor the cookie that its forms belong to."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = f"Accept-Encoding, Cookie, HX-Request, HX-Target, {LIVE_HEADER}"
    _compress(response)
    if "visitor_cookie" in g:
        set_cookie(response, g.visitor_cookie)
    return response


def _compress(response: Response) -> None:
    """Make the answer a tenth of its size, if the browser reads that.

    What is compressed together with a secret can give the secret away by its size to a site that makes the browser ask
    for it again and again; the cookie is SameSite=Strict, so other sites only ever get the sign-in page.
    """
    if "gzip" in request.accept_encodings and not response.is_streamed and response.content_length:
        response.set_data(gzip.compress(response.get_data(), compresslevel=1, mtime=0))
        response.headers["Content-Encoding"] = "gzip"


def _is_secure() -> bool:
    return current_app.config["SETTINGS"].is_production or request.is_secure


def _cookie_name() -> str:
    return SECURE_COOKIE if _is_secure() else PLAIN_COOKIE


def _declare(view: Any, access: Access) -> Any:
    view.access = access
    return view
