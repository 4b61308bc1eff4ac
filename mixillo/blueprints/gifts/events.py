"""The live events of gifts."""

from marshmallow import fields, validate

from mixillo.blueprints.gifts.models import CONTEXTS
from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id


class ToldGift(BaseSchema):
    """A gift in an event."""

    id = Id(required=True)
    name = fields.String(required=True)
    icon = fields.String(required=True)
    animation = fields.String(required=True)


class ToldSender(BaseSchema):
    """The sender in an event."""

    id = Id(required=True)
    username = fields.String(required=True)


class GiftReceivedSchema(BaseSchema):
    """``gift:received``, to the recipient; of an anonymous gift ``sender`` is ``null``."""

    transactionId = Id(required=True)
    gift = fields.Nested(ToldGift, required=True)
    sender = fields.Nested(ToldSender, required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    earnings = fields.Integer(required=True)
    context = fields.String(required=True, validate=validate.OneOf(CONTEXTS))
    livestreamId = Id(required=True, allow_none=True)
    contentId = Id(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)


class GiftSentSchema(BaseSchema):
    """``gift:sent``, to the sender's own devices."""

    transactionId = Id(required=True)
    gift = fields.Nested(ToldGift, required=True)
    recipientId = Id(required=True)
    quantity = fields.Integer(required=True)
    totalCost = fields.Integer(required=True)
    newBalance = fields.Integer(required=True)


class GiftThankYouSchema(BaseSchema):
    """``gift:thankyou``, to the sender of a gift: what its recipient says, once."""

    transactionId = Id(required=True)
    recipientName = fields.String(required=True, data_key="from")
    message = fields.String(required=True)


GIFT_RECEIVED = events.declare(
    "gift:received", GiftReceivedSchema, hearers="the recipient", when="a gift has arrived and its coins are booked"
)
GIFT_SENT = events.declare(
    "gift:sent", GiftSentSchema, hearers="the sender", when="a gift of theirs is booked; other devices learn of it too"
)
GIFT_THANKYOU = events.declare(
    "gift:thankyou", GiftThankYouSchema, hearers="the sender", when="the recipient has said thank you for a gift"
)
