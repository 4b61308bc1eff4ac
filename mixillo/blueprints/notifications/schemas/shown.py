"""Notifications as the API shows them."""

from marshmallow import fields

from mixillo.core.schemas import BaseSchema, Id, Timestamp


class QuietHoursSchema(BaseSchema):
    """When nothing rings."""

    enabled = fields.Boolean(required=True)
    start = fields.String(required=True, metadata={"example": "22:00"})
    end = fields.String(required=True, metadata={"example": "07:00"})
    timezone = fields.String(required=True, metadata={"example": "Europe/Lisbon"})


class ChannelsSchema(BaseSchema):
    """How one is told of one type."""

    inApp = fields.Boolean(required=True)
    push = fields.Boolean(required=True)
    email = fields.Boolean(required=True)


class PreferencesSchema(BaseSchema):
    """How one wants to be told of each type; `channels` are the account's own switches, which go before these."""

    types = fields.Dict(keys=fields.String(), values=fields.Nested(ChannelsSchema), required=True)
    channels = fields.Dict(keys=fields.String(), values=fields.Boolean(), required=True)
    quietHours = fields.Nested(QuietHoursSchema, required=True)


class BroadcastSchema(BaseSchema):
    """A message of an administrator to many, and how far it is."""

    _id = Id(required=True)
    id = Id(required=True)
    type = fields.String(required=True)
    title = fields.String(required=True)
    message = fields.String(required=True)
    body = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)
    imageUrl = fields.String(required=True, allow_none=True)
    recipientType = fields.String(required=True)
    targetSegment = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, metadata={"example": "sending"})
    total = fields.Integer(required=True, metadata={"description": "How many it goes to."})
    done = fields.Integer(required=True, metadata={"description": "How many of them it is through with."})
    sent = fields.Integer(required=True)
    skipped = fields.Integer(required=True, metadata={"description": "Who do not want such messages."})
    failed = fields.Integer(required=True)
    readCount = fields.Integer(required=True)
    progress = fields.Float(required=True, metadata={"description": "0 to 1."})
    sentBy = fields.String(required=True, allow_none=True)
    createdAt = Timestamp(required=True)
    finishedAt = Timestamp(required=True, allow_none=True)
