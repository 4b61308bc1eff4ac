"""Registration and signing in."""

from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from mixillo.blueprints.auth.services import guesses, identity, mails, pacing, sessions
from mixillo.blueprints.auth.services.sessions import Origin
from mixillo.blueprints.users.queries import people
from mixillo.blueprints.users.services import accounts
from mixillo.core import passwords, tokens
from mixillo.errors import Unauthorized

NOBODY = ObjectId("0" * 24)


class InvalidCredentials(Unauthorized):
    """There is no such account, or the password is wrong; nothing tells which."""

    code, title = "INVALID_CREDENTIALS", "Invalid credentials"


@dataclass(frozen=True)
class SignedIn:
    """Somebody signed in: the stored account and session."""

    account: dict[str, Any]
    session: dict[str, Any]

    def answer(self) -> dict[str, Any]:
        """Return ``{user, token, refreshToken}``."""
        return {"user": people.own_view(self.account), **token_pair(self.account, self.session)}


def register(*, username: str, email: str, password: str, full_name: str, origin: Origin, **optional: Any) -> SignedIn:
    """Create an account and sign its owner in; a link to verify the e-mail address goes out by mail.

    :raises AccountExists: the username or the address is taken; the owner of the address is told by mail.
    """
    begun = pacing.begin()
    password_hash = passwords.hash_password(password)
    verification = mails.new_token(mails.VERIFICATION_LIFETIME)
    try:
        account = accounts.create(
            username=username,
            email=email,
            password_hash=password_hash,
            full_name=full_name,
            verificationToken=verification.hash,
            verificationTokenExpire=verification.expires_at,
            **optional,
        )
    except accounts.AccountExists as error:
        if error.email_taken:
            mails.tell_owner(email)
        pacing.hold(begun)
        raise
    mails.send_verification(account, verification)
    return SignedIn(account, sessions.start(account["_id"], origin))


def login(identifier: str, password: str, origin: Origin) -> SignedIn:
    """Sign somebody in by username (in any case) or e-mail address.

    :raises TooManyGuesses: too many wrong guesses lately; the right password is refused alike.
    :raises InvalidCredentials: no such account, or another password.
    :raises AppError: the password is right, but the account is closed.
    """
    begun = pacing.begin()
    account = accounts.credentials_by_name(identifier)
    guess = _count_guess(identifier, account, origin)
    stored = account["password"] if account else None
    if not passwords.verify_password(stored, password) or account is None or stored is None:
        pacing.hold(begun)
        raise InvalidCredentials("The name or the password is wrong.")
    guesses.take_back(guess)
    identity.check_status(account)
    if passwords.needs_rehash(stored):
        accounts.replace_password(account["_id"], stored, passwords.hash_password(password))
    session = sessions.start(account["_id"], origin)
    account = accounts.record_sign_in(account["_id"], origin.address, origin.user_agent)
    if account is None:
        raise identity.AccountGone
    return SignedIn(account, session)


def refresh(token: str | None, origin: Origin) -> dict[str, str]:
    """Exchange a refresh token for ``{token, refreshToken}``.

    :raises NoRefreshToken: there is none.
    :raises AppError: see :func:`sessions.rotate <mixillo.blueprints.auth.services.sessions.rotate>`; or the
        account is closed or gone.
    """
    if not token:
        raise tokens.NoRefreshToken
    session = sessions.rotate(token, origin)
    account = accounts.credentials(session["userId"])
    if account is None:
        raise identity.AccountGone
    identity.check_status(account)
    return token_pair(account, session)


def token_pair(account: dict[str, Any], session: dict[str, Any]) -> dict[str, str]:
    """Return ``{token, refreshToken}`` of a session."""
    return {"token": tokens.access_token(account, session["_id"]), "refreshToken": tokens.refresh_token(session)}


def _count_guess(identifier: str, account: dict[str, Any] | None, origin: Origin) -> guesses.Guess:
    """Count against the network's budget where the owner is known, else against the name's; same work either way."""
    user_id = account["_id"] if account else NOBODY
    if sessions.is_known(user_id, origin.network):
        return guesses.from_known_network(user_id, origin.network)
    return guesses.by_name(identifier)
