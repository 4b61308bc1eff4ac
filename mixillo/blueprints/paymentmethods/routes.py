"""/api/user/payment-methods: what people pay with."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.paymentmethods import queries, services
from mixillo.blueprints.paymentmethods.schemas import (
    NewPaymentMethodSchema,
    PaymentMethodChangesSchema,
    PaymentMethodSchema,
)
from mixillo.core.api import Blueprint, Reply
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import current_viewer, login_required

blueprint = Blueprint(
    "paymentmethods", __name__, url_prefix="/api/user/payment-methods", description="What one pays with"
)
# Nobody has so many; who tries what is on stolen cards would like to.
MOST_ADDED = "20/minute"
METHOD = fields.Nested(PaymentMethodSchema, required=True)
EXAMPLE = {
    "type": "credit_card",
    "provider": "stripe",
    "providerId": "pm_1NxCard",
    "card": {"brand": "visa", "last4": "4242", "expiryMonth": 12, "expiryYear": 2099},
}


@blueprint.get("")
@login_required()
@blueprint.returns(200, paymentMethods=fields.List(fields.Nested(PaymentMethodSchema), required=True))
def list_methods() -> dict[str, Any]:
    """List what one pays with

    The default first, then the newest.
    """
    return {"paymentMethods": queries.all_of(current_viewer().id)}


@blueprint.post("")
@login_required()
@rate_limited("paymentmethods", MOST_ADDED)
@blueprint.accepts(NewPaymentMethodSchema, example=EXAMPLE)
@blueprint.returns(201, paymentMethod=METHOD)
@blueprint.refuses(409)
def add_method(body: dict[str, Any]) -> Reply:
    """Add something to pay with

    By the token that the payment provider gave out: the number of a card is never accepted, wherever it stands. The
    first one is the default. The same token twice is one payment method, so that repeating a lost request is fine.
    409 `too_many_payment_methods`.
    """
    method, is_new = services.add(current_viewer().id, body)
    message = "Payment method added" if is_new else "You have it already"
    return Reply({"paymentMethod": method}, message, location=f"/api/user/payment-methods/{method['_id']}")


@blueprint.get("/<id:method_id>")
@login_required()
@blueprint.returns(200, paymentMethod=METHOD)
@blueprint.refuses(404)
def show_method(method_id: ObjectId) -> dict[str, Any]:
    """Show one of one's own payment methods"""
    return {"paymentMethod": queries.one(current_viewer().id, method_id)}


@blueprint.put("/<id:method_id>")
@login_required()
@blueprint.accepts(PaymentMethodChangesSchema, example={"nickname": "For groceries", "isDefault": True})
@blueprint.returns(200, paymentMethod=METHOD)
@blueprint.refuses(404)
def change_method(body: dict[str, Any], method_id: ObjectId) -> Reply:
    """Rename a payment method, or make it the default

    `isDefault: true` makes it the default in the place of another; `false` changes nothing.
    """
    method = services.change(current_viewer().id, method_id, body)
    return Reply({"paymentMethod": method}, "Payment method updated")


@blueprint.delete("/<id:method_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def remove_method(method_id: ObjectId) -> Reply:
    """Remove a payment method

    If it was the default, the newest of the others is from now on. What the provider keeps is not touched.
    """
    services.remove(current_viewer().id, method_id)
    return Reply({}, "Payment method removed")
