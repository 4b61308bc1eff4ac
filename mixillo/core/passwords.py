"""Passwords: argon2id, the hashes of the existing system, and what may be chosen."""

from importlib.resources import files

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mixillo.core.offload import offload

# OWASP's second choice: 19 MiB, two passes, one lane; about 20 ms of one core.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
MINIMUM_LENGTH, MAXIMUM_LENGTH = 8, 128
BCRYPT_PREFIXES = ("$2a$", "$2b$", "$2y$")
COMMON = frozenset(files("mixillo.core").joinpath("common_passwords.txt").read_text("utf-8").split())


def hash_password(password: str) -> str:
    """Return the argon2id hash of ``password``, made off the event loop."""
    return offload(HASHER.hash, password)


def verify_password(stored: str | None, password: str) -> bool:
    """Return whether ``password`` matches ``stored`` (argon2id or bcrypt), off the event loop.

    Without a stored hash, or with something in its place that can be none, the same work is done against one
    that never matches, so that the time of the answer does not tell whether an account exists.
    """
    # Documents of the existing system hold whatever was written; both libraries fail on what is no ASCII text.
    comparable = stored if isinstance(stored, str) and stored.isascii() else None
    return offload(_verify, comparable or _UNMATCHABLE, password) and bool(comparable)


def needs_rehash(stored: str) -> bool:
    """Return whether ``stored`` was not made with today's algorithm and costs."""
    return stored.startswith(BCRYPT_PREFIXES) or HASHER.check_needs_rehash(stored)


def weakness(password: str, username: str) -> str | None:
    """Say why ``password`` may not be chosen, or ``None`` when it may."""
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        return f"Must have {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters."
    if password.lower() in COMMON:
        return "Too common; choose another."
    if username.lower() in password.lower():
        return "Must not contain the username."
    return None


def _verify(stored: str, password: str) -> bool:
    raw = password.encode("utf-8", "surrogatepass")
    if stored.startswith(BCRYPT_PREFIXES):
        return _verify_bcrypt(stored.encode(), raw)
    try:
        return HASHER.verify(stored, raw)
    except (VerificationError, InvalidHashError):
        return False


def _verify_bcrypt(stored: bytes, raw: bytes) -> bool:
    try:
        # Node's bcryptjs reads 72 bytes and ignores the rest; this library refuses more.
        return bcrypt.checkpw(raw[:72], stored)
    except ValueError:  # not a hash after all
        return False


_UNMATCHABLE = HASHER.hash("no account has this password")
