"""What sockets are answered."""

from marshmallow import fields, validate

from mixillo.blueprints.live.events import LiveToldMessageSchema, LiveToldProductSchema
from mixillo.blueprints.live.models import STATUSES
from mixillo.core.schemas import BaseSchema, Id, Timestamp


class LiveEnteredSchema(BaseSchema):
    """The stream as it is now, and the number of what was last told in its room; what is told next changes it."""

    room = fields.String(required=True)
    seq = fields.Integer(required=True)
    role = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    viewerCount = fields.Integer(required=True)
    likesCount = fields.Integer(required=True)
    slowModeSeconds = fields.Integer(required=True)
    allowComments = fields.Boolean(required=True)
    allowGifts = fields.Boolean(required=True)
    pinned = fields.Nested(LiveToldMessageSchema, required=True, allow_none=True)
    product = fields.Nested(LiveToldProductSchema, required=True, allow_none=True)
    mutedUntil = Timestamp(
        required=True, allow_none=True, metadata={"description": "Until then who has joined may not write."}
    )


class LiveSaidSchema(BaseSchema):
    """The line's id and its number in the room."""

    id = Id(required=True)
    seq = fields.Integer(required=True)


class LiveGivenSchema(BaseSchema):
    """The gift's record, and what the sender has left."""

    transactionId = Id(required=True)
    newBalance = fields.Integer(required=True)
