"""What schemas of all features share: the strict base, ids, page parameters, the envelope."""

from typing import Any
from urllib.parse import urlsplit

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from mixillo.core import clock, money

MAX_LIMIT = 100


class BaseSchema(Schema):
    """Refuses what it does not declare."""

    class Meta:
        """Marshmallow's options."""

        unknown = RAISE


class QuerySchema(Schema):
    """Parameters after the question mark: unknown ones are ignored."""

    class Meta:
        """Marshmallow's options."""

        unknown = EXCLUDE


class Text(fields.String):
    """Text without control characters (line breaks and tabs are fine), stripped at both ends."""

    def __init__(self, *, min_length: int = 0, max_length: int, **keywords: Any) -> None:
        checks = [validate.Length(min=min_length or None, max=max_length), *keywords.pop("validators", ())]
        super().__init__(validate=checks, **keywords)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> str:
        text = super()._deserialize(value, attr, data, **keywords).strip()
        if any(ord(character) < 32 and character not in "\n\r\t" for character in text):
            raise ValidationError("Must not hold control characters.")
        return text


def web_address(text: str) -> None:
    """Accept an address that a browser opens as a page, or nothing.

    :raises ValidationError: anything else, above all other schemes such as ``javascript:``.
    """
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValidationError("Must be a web address that starts with https:// or http://.")


class Id(fields.String):
    """A document's id: 24 hexadecimal digits."""

    def __init__(self, **keywords: Any) -> None:
        keywords.setdefault("metadata", {"example": "64b7f3a2c9e77a0012ab34cd"})
        super().__init__(
            validate=validate.Regexp(r"^[0-9a-fA-F]{24}\Z", error="Must be an id of 24 hexadecimal digits."),
            **keywords,
        )


class Coins(fields.Integer):
    """A whole number of coins."""

    def __init__(self, *, minimum: int = 1, **keywords: Any) -> None:
        keywords.setdefault("metadata", {"example": 100})
        super().__init__(strict=True, validate=validate.Range(min=minimum, max=money.MAX_MINOR), **keywords)


class Amount(fields.Decimal):
    """An amount of money in units of its currency, above zero; :func:`~mixillo.core.money.exact_minor` counts it."""

    def __init__(self, **keywords: Any) -> None:
        keywords.setdefault("metadata", {"example": 12.5, "type": "number"})
        largest = validate.Range(min=0, min_inclusive=False, max=money.MAX_MINOR // 100)
        super().__init__(validate=largest, allow_nan=False, **keywords)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> Any:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValidationError("Must be a number.")
        return super()._deserialize(value, attr, data, **keywords)


class Timestamp(fields.DateTime):
    """A moment: ISO 8601, UTC, milliseconds, ``Z``."""

    def __init__(self, **keywords: Any) -> None:
        keywords.setdefault("metadata", {"example": "2026-01-31T12:00:00.000Z"})
        super().__init__(format="iso", **keywords)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **keywords: Any) -> str | None:
        return None if value is None else clock.timestamp(value)


class Limit(fields.Integer):
    """How many items an answer holds: 20 unless told, lowered to 100, never below 1."""

    def __init__(self, default: int = 20) -> None:
        super().__init__(
            load_default=default,
            validate=validate.Range(min=1),
            metadata={"description": f"Items in the answer; more than {MAX_LIMIT} is lowered to {MAX_LIMIT}."},
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> int:
        return min(super()._deserialize(value, attr, data, **keywords), MAX_LIMIT)


class PageQuery(QuerySchema):
    """Where a list continues: by page number or by the cursor of the answer before."""

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=100_000))
    limit = Limit()
    cursor = fields.String(
        validate=validate.Length(max=1024), metadata={"description": "`nextCursor` of the page before."}
    )
    total = fields.Boolean(load_default=True, metadata={"description": "`false` leaves counting out, which is faster."})


class PaginationSchema(BaseSchema):
    """Where this page stands in its list."""

    page = fields.Integer()
    limit = fields.Integer(required=True)
    total = fields.Integer()
    pages = fields.Integer()
    hasMore = fields.Boolean(required=True)
    nextCursor = fields.String(required=True, allow_none=True)


class UserSummary(BaseSchema):
    """The short form in which a person stands beside a thing."""

    _id = Id(required=True)
    username = fields.String(required=True, metadata={"example": "ada"})
    fullName = fields.String(required=True, metadata={"example": "Ada Lovelace"})
    avatar = fields.String(allow_none=True)
    isVerified = fields.Boolean(required=True)


class FieldErrorSchema(BaseSchema):
    """One invalid field."""

    field = fields.String(required=True, metadata={"example": "fullName"})
    pointer = fields.String(required=True, metadata={"example": "/fullName"})
    message = fields.String(required=True, metadata={"example": "Missing data for required field."})


class ProblemSchema(Schema):
    """RFC 9457 problem details, with what today's clients read."""

    class Meta:
        """Problems may carry further members."""

        unknown = EXCLUDE

    type = fields.String(required=True, metadata={"example": "/problems/validation-failed"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    code = fields.String(required=True)
    requestId = fields.String(required=True, allow_none=True)
    success = fields.Boolean(required=True, metadata={"example": False})
    message = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldErrorSchema))


def envelope(name: str, members: dict[str, fields.Field]) -> Schema:
    """Return the schema of ``{"success": true, "data": {members…}, "message"?: …}``, called ``name``."""
    data = BaseSchema.from_dict(dict(members), name=f"{name}Data")
    return BaseSchema.from_dict(
        {
            "success": fields.Boolean(required=True, metadata={"example": True}),
            "data": fields.Nested(data, required=True),
            "message": fields.String(),
        },
        name=f"{name}Answer",
    )()
