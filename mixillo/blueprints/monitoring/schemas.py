"""The shape of what an uptime checker posts."""

from marshmallow import fields, validate

from mixillo.core.schemas import BaseSchema, Text

MAX_RESULTS = 1_000


class CheckResultSchema(BaseSchema):
    """What one check saw."""

    at = fields.AwareDateTime(required=True, metadata={"example": "2026-01-31T12:00:00Z"})
    up = fields.Boolean(required=True, truthy={True}, falsy={False})
    status = fields.Integer(strict=True, allow_none=True, validate=validate.Range(min=100, max=599))
    ms = fields.Float(allow_none=True, validate=validate.Range(min=0), metadata={"description": "How long it took."})
    detail = Text(max_length=200, allow_none=True, metadata={"example": "timed out after 10 s"})


class ChecksSchema(BaseSchema):
    """Results of one checker, also those that it could not deliver earlier."""

    checker = fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Za-z0-9._-]{1,60}\Z"),
        metadata={"example": "europe-west1", "description": "Tells several checkers apart."},
    )
    results = fields.List(
        fields.Nested(CheckResultSchema), required=True, validate=validate.Length(min=1, max=MAX_RESULTS)
    )
