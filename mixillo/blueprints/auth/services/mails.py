"""Mail about accounts, and the single-use tokens in it. Only hashes of tokens are stored."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from pymongo.errors import DuplicateKeyError

from mixillo.core import clock, mail
from mixillo.core.db import ops_database

VERIFICATION_LIFETIME = timedelta(hours=24)
RESET_LIFETIME = timedelta(hours=1)
BETWEEN_NOTICES = timedelta(hours=1)

VERIFICATION_TEXT = """Hello {name},

please confirm your e-mail address within 24 hours:

{link}

If you have not registered, ignore this mail.
"""
RESET_TEXT = """Hello {name},

choose a new password within one hour:

{link}

If you have not asked for this, ignore this mail: your password stays as it is.
"""
NOTICE_TEXT = """Hello,

somebody tried to register with this e-mail address, which already belongs to an account. If that was you, sign in,
or choose a new password here:

{link}

Otherwise there is nothing to do.
"""
CHANGED_TEXT = """Hello {name},

the password of your account was changed and you were signed out elsewhere. If that was not you, choose a new one:

{link}
"""


@dataclass(frozen=True)
class Token:
    """A token for a mail: its text goes out, its hash is stored."""

    text: str
    expires_at: datetime

    @property
    def hash(self) -> str:
        """What is stored of it."""
        return token_hash(self.text)


def new_token(lifetime: timedelta) -> Token:
    """Return a fresh token."""
    return Token(clock.random_token(), clock.now() + lifetime)


def token_hash(text: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def send_verification(account: dict[str, Any], token: Token) -> None:
    """Ask the owner of an account to confirm the address."""
    text = VERIFICATION_TEXT.format(name=account["fullName"], link=_link(f"/verify-email?token={token.text}"))
    mail.send(account["email"], "Confirm your e-mail address", text)


def send_reset(account: dict[str, Any], token: Token) -> None:
    """Let the owner of an account choose a new password."""
    text = RESET_TEXT.format(name=account["fullName"], link=_link(f"/reset-password?token={token.text}"))
    mail.send(account["email"], "Choose a new password", text)


def tell_password_changed(account: dict[str, Any]) -> None:
    """Tell the owner of an account that its password is another one now."""
    text = CHANGED_TEXT.format(name=account["fullName"], link=_link("/forgot-password"))
    mail.send(account["email"], "Your password was changed", text)


def tell_owner(email: str) -> None:
    """Tell the owner of an address that somebody tried to register with it, at most once in a while."""
    expires_at = clock.now() + BETWEEN_NOTICES
    try:
        # Beside the guesses: this too is counted to keep strangers from being a nuisance.
        ops_database()["loginfailures"].insert_one({"_id": f"notice:{token_hash(email)}", "expiresAt": expires_at})
    except DuplicateKeyError:
        return
    mail.send(email, "You already have an account", NOTICE_TEXT.format(link=_link("/forgot-password")))


def _link(path: str) -> str:
    return current_app.config["SETTINGS"].base_url + path
