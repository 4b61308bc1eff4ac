"""Paying into one's wallet."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.payments.queries import payments
from mixillo.blueprints.payments.schemas import CheckoutSchema, PaymentSchema
from mixillo.blueprints.wallets.routes.blueprint import blueprint
from mixillo.blueprints.wallets.schemas import PaidInSchema, TopUpSchema
from mixillo.blueprints.wallets.services import topping_up
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import current_viewer, login_required


@blueprint.post("/top-up")
@blueprint.post("/topup")
@login_required()
@rate_limited("purchase", "60/minute")
@idempotent
@blueprint.accepts(TopUpSchema, example={"amount": 20, "currency": "USD"})
@blueprint.returns(
    201,
    payment=fields.Nested(PaymentSchema, required=True),
    transaction=fields.Nested(PaidInSchema, required=True),
    checkout=fields.Nested(CheckoutSchema, required=True),
)
@blueprint.refuses(409)
def top_up(body: dict[str, Any]) -> Reply:
    """Pay money into one's wallet

    Asks for a payment, which is `pending`: go on with `checkout`. The money is there when the payment provider has
    told that it was paid, of which `wallet:updated` tells; a payment that is not completed in time is cancelled.
    """
    viewer, method = current_viewer(), body.get("paymentMethodId")
    payment, checkout = topping_up.top_up(viewer.id, body["amount"], body["currency"], method)
    shown = payments.view(payment)
    names = ("_id", "id", "type", "status", "amount", "currency", "description", "createdAt")
    data = {"payment": shown, "transaction": {name: shown[name] for name in names}, "checkout": checkout.as_dict()}
    return Reply(data, "Waiting for the payment", location=f"/api/payments/{payment['_id']}")
