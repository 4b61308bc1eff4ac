"""Live events of wallets."""

from marshmallow import fields

from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id


class WalletUpdatedSchema(BaseSchema):
    """A wallet as it is now, in units of its currency; ``transactionId`` names the row that says why."""

    walletId = Id(required=True)
    currency = fields.String(required=True)
    balance = fields.Float(required=True)
    available = fields.Float(required=True)
    transactionId = Id(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True)


WALLET_UPDATED = events.declare(
    "wallet:updated", WalletUpdatedSchema, hearers="the owner of the wallet", when="its balance or its holds changed"
)
