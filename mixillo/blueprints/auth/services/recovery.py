"""Passwords that are changed or forgotten, and addresses that are confirmed."""

from datetime import timedelta

from bson import ObjectId

from mixillo.blueprints.auth.services import guesses, mails, pacing, sessions
from mixillo.blueprints.users.queries.people import UserNotFound
from mixillo.blueprints.users.services import accounts
from mixillo.core import clock, passwords
from mixillo.core.security import Viewer
from mixillo.errors import AppError, Conflict, ValidationFailed

# A stranger can make us send mail to somebody; not in quantities.
BETWEEN_MAILS = timedelta(minutes=1)


class InvalidMailToken(AppError):
    """The token is unknown, used up or expired; nothing tells which."""

    status, code, title = 400, "INVALID_MAIL_TOKEN", "The link is not valid any more"


def change_password(viewer: Viewer, current: str, new: str) -> None:
    """Replace the password of somebody who is signed in, and end the other sessions.

    :raises ValidationFailed: ``current`` is wrong, or ``new`` too weak.
    :raises TooManyGuesses: ``current`` was wrong too often.
    :raises Conflict: the password was changed elsewhere meanwhile.
    """
    account = accounts.credentials(viewer.id)
    if account is None:
        raise UserNotFound
    guess = guesses.while_signed_in(viewer.id)
    if not passwords.verify_password(account["password"], current):
        raise ValidationFailed.of("currentPassword", "This is not your password.")
    guesses.take_back(guess)
    _check_strength("newPassword", new, account["username"])
    if not accounts.replace_password(viewer.id, account["password"], passwords.hash_password(new)):
        raise Conflict("The password was changed elsewhere meanwhile.")
    sessions.end_all(viewer.id, sessions.PASSWORD_CHANGED, but=viewer.session_id)
    mails.tell_password_changed(account)


def forgot_password(email: str) -> None:
    """Send a link to choose a new password, if there is an account; nothing tells the caller."""
    begun = pacing.begin()
    token = mails.new_token(mails.RESET_LIFETIME)
    if account := accounts.store_mail_token(email, accounts.RESET, token.hash, token.expires_at, BETWEEN_MAILS):
        mails.send_reset(account, token)
    pacing.hold(begun)


def reset_password(token: str, new: str) -> None:
    """Replace the password by a token from the mail, once, and end every session.

    Whoever has the token reads the mail, so the address is confirmed as well.

    :raises InvalidMailToken:
    :raises ValidationFailed: ``new`` is too weak; the token stays good.
    """
    token_hash = mails.token_hash(token)
    account = accounts.by_mail_token(accounts.RESET, token_hash)
    if account is None:
        raise InvalidMailToken
    _check_strength("password", new, account["username"])
    changes = {"password": passwords.hash_password(new), "emailVerifiedAt": clock.now()}
    if accounts.use_mail_token(accounts.RESET, token_hash, changes) is None:
        raise InvalidMailToken
    sessions.end_all(account["_id"], sessions.PASSWORD_RESET)
    mails.tell_password_changed(account)


def verify_email(token: str) -> None:
    """Confirm the address that the token was sent to, once.

    :raises InvalidMailToken:
    """
    changes = {"emailVerifiedAt": clock.now()}
    if accounts.use_mail_token(accounts.VERIFICATION, mails.token_hash(token), changes) is None:
        raise InvalidMailToken


def resend_verification(user_id: ObjectId) -> None:
    """Send another link to confirm the address, unless it is confirmed or one was just sent."""
    account = accounts.credentials(user_id)
    if account is None or account.get("emailVerifiedAt"):
        return
    token = mails.new_token(mails.VERIFICATION_LIFETIME)
    kind = accounts.VERIFICATION
    if accounts.store_mail_token(account["email"], kind, token.hash, token.expires_at, BETWEEN_MAILS):
        mails.send_verification(account, token)


def _check_strength(field: str, password: str, username: str) -> None:
    if reason := passwords.weakness(password, username):
        raise ValidationFailed.of(field, reason)
