"""Shapes of signing in, in and out."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates, validates_schema

from mixillo.blueprints.users.schemas import BirthDate, Email, PhoneNumber, Username
from mixillo.core import passwords
from mixillo.core.schemas import BaseSchema, Id, Text, Timestamp

# `system` owns what the repair of references reassigns.
RESERVED_USERNAMES = frozenset({"system"})
NAMES = ("identifier", "email", "username")
# Longer than what may be chosen: the existing system did not limit passwords.
LONGEST_PASSWORD, LONGEST_TOKEN = 1024, 4096


def _password(example: str, **keywords: Any) -> fields.String:
    """Return the field of a password that exists; it is only compared."""
    return fields.String(
        required=True,
        validate=validate.Length(min=1, max=LONGEST_PASSWORD),
        load_only=True,
        metadata={"format": "password", "example": example},
        **keywords,
    )


def _new_password() -> fields.String:
    """Return the field of a password that is chosen."""
    return fields.String(
        required=True,
        validate=validate.Length(min=passwords.MINIMUM_LENGTH, max=passwords.MAXIMUM_LENGTH),
        load_only=True,
        metadata={"format": "password", "example": "correct horse battery"},
    )


class RegisterSchema(BaseSchema):
    """A new account."""

    username = Username(required=True)
    email = Email(required=True)
    password = _new_password()
    fullName = Text(required=True, min_length=1, max_length=100, metadata={"example": "Ada Lovelace"})
    dateOfBirth = BirthDate()
    phone = PhoneNumber()
    bio = Text(max_length=500)

    @validates("username")
    def check_username(self, username: str, **_keywords: Any) -> None:
        """Keep the names that the program itself uses."""
        if username.casefold() in RESERVED_USERNAMES:
            raise ValidationError("This name is reserved.")

    @validates_schema(skip_on_field_errors=False)
    def check_password(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Refuse a password that is easily guessed, together with what else is wrong."""
        password, username = data.get("password"), data.get("username")
        if password and username and (reason := passwords.weakness(password, username)):
            raise ValidationError(reason, "password")


class LoginSchema(BaseSchema):
    """A name and its password; the name is `identifier`, or `email` or `username` for older clients."""

    identifier = fields.String(validate=validate.Length(min=1, max=254), metadata={"example": "ada@example.com"})
    email = fields.String(validate=validate.Length(min=1, max=254))
    username = fields.String(validate=validate.Length(min=1, max=254))
    password = _password("correct horse battery")

    @validates_schema(skip_on_field_errors=False)
    def check_name(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Require exactly one name."""
        if sum(name in data for name in NAMES) != 1:
            raise ValidationError("Send one of identifier, email and username.", "identifier")

    @post_load
    def name(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Call the name ``identifier``, whatever it came as."""
        identifier = next(data[name] for name in NAMES if name in data)
        return {"identifier": identifier.strip(), "password": data["password"]}


class RefreshSchema(BaseSchema):
    """The refresh token of the last answer; a missing one is a 401 like a bad one."""

    refreshToken = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=LONGEST_TOKEN))


class LogoutSchema(BaseSchema):
    """Optionally the device that shall get no more push messages."""

    fcmToken = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=LONGEST_TOKEN))


class ChangePasswordSchema(BaseSchema):
    """The present password and the next."""

    currentPassword = _password("correct horse battery")
    newPassword = _new_password()


class ForgotPasswordSchema(BaseSchema):
    """Whose password is forgotten."""

    email = Email(required=True)


class ResetPasswordSchema(BaseSchema):
    """The token of the mail and the next password."""

    token = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TOKEN))
    password = _new_password()


class VerifyEmailSchema(BaseSchema):
    """The token of the mail."""

    token = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TOKEN))


class SessionSchema(BaseSchema):
    """One place where the account is signed in."""

    _id = Id(required=True)
    id = Id(required=True)
    createdAt = Timestamp(required=True)
    lastSeenAt = Timestamp(required=True)
    expiresAt = Timestamp(required=True)
    address = fields.String(required=True, metadata={"example": "203.0.113.7"})
    userAgent = fields.String(required=True, metadata={"example": "Mixillo/1.0 (Android 15)"})
    isCurrent = fields.Boolean(required=True)
