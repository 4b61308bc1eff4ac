"""Who may call a view: every view states its access with one of these decorators."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import g
from flask_jwt_extended import get_current_user, verify_jwt_in_request
from flask_jwt_extended.exceptions import NoAuthorizationError

from mixillo.core.ratelimits import check_default
from mixillo.errors import Forbidden, Unauthorized

ROLES = ("user", "seller", "admin", "superadmin")
ADMINS = ("admin", "superadmin")
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """What a view declares: ``public``, ``optional`` (a token is used when there is one) or ``user``.

    ``roles`` narrows ``user`` to some roles; empty means every role.
    """

    kind: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Viewer:
    """The signed-in user of a request or socket."""

    id: Any
    username: str
    role: str
    session_id: Any

    @property
    def is_admin(self) -> bool:
        """Whether the user may do what administrators may."""
        return self.role in ADMINS


def public(view: View) -> View:
    """Declare that anybody may call ``view``; a token is not looked at."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        check_default()
        return view(*args, **kwargs)

    return _declare(guarded, Access("public"))


def signed(verify: Callable[[], None]) -> Callable[[View], View]:
    """Declare that ``view`` answers whoever signed the request, which ``verify()`` finds out, or raises.

    What is signed does not count against the limit of its address: a provider tells of a thousand payments from a
    dozen addresses. What is not, does.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                verify()
            except Exception:
                check_default()
                raise
            return view(*args, **kwargs)

        return _declare(guarded, Access("public"))

    return decorate


def optional_login(view: View) -> View:
    """Declare that anybody may call ``view``, which looks at who is signed in; a bad token is a 401."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        _identify(optional=True)
        check_default()
        return view(*args, **kwargs)

    return _declare(guarded, Access("optional"))


def login_required(*roles: str) -> Callable[[View], View]:
    """Declare that ``view`` needs a signed-in user, of one of ``roles`` if any are named."""
    if unknown := set(roles) - set(ROLES):
        raise ValueError(f"unknown roles {unknown}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            user = _identify(optional=False)
            check_default()
            if roles and user.role not in roles:
                raise Forbidden("Your role may not do this.", required=list(roles))
            return view(*args, **kwargs)

        return _declare(guarded, Access("user", roles))

    return decorate


def viewer() -> Viewer | None:
    """Return who is signed in, as far as the view's access looks at it."""
    return g.get("viewer")


def current_viewer() -> Viewer:
    """Return who is signed in; for views with ``login_required``."""
    return g.viewer


def _identify(*, optional: bool) -> Any:
    """Verify the token, look its user up and remember them for the request.

    Failed attempts count against the client's address, so that tokens cannot be tried without limit.
    """
    try:
        verify_jwt_in_request(optional=optional)
        g.viewer = get_current_user()
    except NoAuthorizationError:
        check_default()
        raise Unauthorized("Send an access token: `Authorization: Bearer …`.", headers=CHALLENGE) from None
    except Exception:
        check_default()
        raise
    return g.viewer


def _declare(view: Any, access: Access) -> Any:
    view.access = access
    return view


CHALLENGE = {"WWW-Authenticate": 'Bearer realm="mixillo"'}
