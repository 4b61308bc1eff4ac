"""Who is calling: from the claims of an access token to a :class:`Viewer`, by two indexed reads."""

from typing import Any

from bson import ObjectId
from bson.errors import InvalidId

from mixillo.blueprints.auth.services import sessions
from mixillo.blueprints.users.models import ACTIVE, BANNED, INACTIVE, SUSPENDED
from mixillo.blueprints.users.services import accounts
from mixillo.core import tokens
from mixillo.core.security import Viewer
from mixillo.errors import Forbidden, Unauthorized
from mixillo.extensions import jwt


class AccountBanned(Forbidden):
    """The account may not be used any more."""

    code, title = "ACCOUNT_BANNED", "The account is banned"


class AccountSuspended(Forbidden):
    """The account may not be used for now."""

    code, title = "ACCOUNT_SUSPENDED", "The account is suspended"


class AccountInactive(Forbidden):
    """The account was closed by its owner."""

    code, title = "ACCOUNT_INACTIVE", "The account is not active"


class AccountGone(Unauthorized):
    """The token is good, but its account no longer exists."""

    code, title = "USER_NOT_FOUND", "The account no longer exists"


REFUSALS = {BANNED: AccountBanned, SUSPENDED: AccountSuspended, INACTIVE: AccountInactive}


def check_status(account: dict[str, Any]) -> None:
    """Let only active accounts pass.

    :raises AccountBanned:
    :raises AccountSuspended:
    :raises AccountInactive:
    """
    if (status := account.get("status", ACTIVE)) != ACTIVE:
        raise REFUSALS.get(status, AccountInactive)


@jwt.user_lookup_loader
def _look_up(_header: dict[str, Any], claims: dict[str, Any]) -> Viewer:
    return viewer_of(claims)


def viewer_of(claims: dict[str, Any]) -> Viewer:
    """Return whom verified ``claims`` stand for. Role and status are the stored ones, not those of the token.

    :raises TokenRevoked: the session has ended.
    :raises AppError: the account is closed or gone.
    """
    try:
        session_id, user_id = ObjectId(claims["sid"]), ObjectId(claims["sub"])
    except (InvalidId, TypeError):
        raise tokens.InvalidToken from None
    if not sessions.is_alive(session_id, user_id):
        raise tokens.TokenRevoked("The session has ended; sign in again.")
    account = accounts.standing(user_id)
    if account is None:
        raise AccountGone
    check_status(account)
    return Viewer(id=user_id, username=account["username"], role=account.get("role", "user"), session_id=session_id)
