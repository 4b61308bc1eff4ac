"""Exports and deletions as the API shows them."""

from marshmallow import fields, validate

from mixillo.blueprints.privacy.services.exporting import STATES
from mixillo.core.schemas import BaseSchema, Id, Timestamp


class ExportSchema(BaseSchema):
    """An export of one's own data."""

    _id = Id(required=True)
    id = Id(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    requestedAt = Timestamp(required=True)
    readyAt = Timestamp(required=True, allow_none=True)
    expiresAt = Timestamp(required=True)
    documents = fields.Integer(required=True, allow_none=True)
    sizeBytes = fields.Integer(required=True, allow_none=True)


class DeletionSchema(BaseSchema):
    """Whether one's account is to be deleted, and when."""

    requested = fields.Boolean(required=True)
    scheduledFor = Timestamp(required=True, allow_none=True)


class DeleteSchema(BaseSchema):
    """What it takes to have one's account deleted."""

    password = fields.String(
        required=True, load_only=True, validate=validate.Length(min=1, max=128), metadata={"format": "password"}
    )
