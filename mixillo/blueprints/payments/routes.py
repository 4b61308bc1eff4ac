"""/api/payments: one's own payments, what providers tell, refunds."""

from typing import Any

from bson import ObjectId
from flask import g, request
from marshmallow import fields

from mixillo.blueprints.payments.queries import payments
from mixillo.blueprints.payments.schemas import (
    AllPaymentsQuery,
    DeclineSchema,
    PaymentOfSchema,
    PaymentSchema,
    PaymentsQuery,
    RefundSchema,
)
from mixillo.blueprints.payments.services import providers, refunding, sandbox, webhooks
from mixillo.core.api import Blueprint, Reply
from mixillo.core.idempotency import idempotent
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required, signed

blueprint = Blueprint("payments", __name__, url_prefix="/api/payments", description="Payments, web hooks, refunds")
# Served only where the sandbox is the payment provider.
sandbox_pages = Blueprint("sandbox", __name__, url_prefix="/api/payments", description="Paying without money")

PAYMENT = {"payment": fields.Nested(PaymentSchema, required=True)}
PAGE = {"pagination": fields.Nested(PaginationSchema, required=True)}
REFUND = {"amount": 4.99, "reason": "Bought by mistake"}
DECLINED = {"reason": "Your card was declined"}
# Without an example of the signature: nobody but the provider can make one.
WEBHOOK = {
    "parameters": [
        {
            "in": "header",
            "name": "Stripe-Signature",
            "required": True,
            "schema": {"type": "string"},
            "description": "Of the sandbox: `Mixillo-Signature`, in the same form.",
        }
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
}


def _from_the_provider() -> None:
    """Read the event while its signature is checked, and remember it for the view."""
    provider = providers.called((request.view_args or {})["provider"])
    g.payment_event = provider.read(request.get_data(), request.headers.get(provider.signature_header, ""))


@blueprint.get("")
@login_required()
@blueprint.takes(PaymentsQuery)
@blueprint.returns(200, payments=fields.List(fields.Nested(PaymentSchema), required=True), **PAGE)
def list_payments(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own payments

    The newest first; `status` and `type` filter.
    """
    found, pagination = payments.listing(query, userId=current_viewer().id)
    return {"payments": found, "pagination": pagination}


@blueprint.post("/webhooks/<string:provider>")
@signed(_from_the_provider)
@blueprint.doc(**WEBHOOK)
@blueprint.returns(200, received=fields.Boolean(required=True), outcome=fields.String(required=True))
@blueprint.refuses(400, 404)
def receive(provider: str) -> dict[str, Any]:
    """Take an event of the payment provider

    Signed over the raw body: `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`, at most 300 seconds old; anything
    else is a 400. Events may come more than once and in any order. `outcome` is `applied`, `known` (nothing new),
    `duplicate` (told before), `ignored` (not about a payment of ours) or `mismatch` (not the money asked for).
    """
    return {"received": True, "outcome": webhooks.take(providers.called(provider), g.payment_event)}


@blueprint.get("/admin/all")
@login_required(*ADMINS)
@blueprint.takes(AllPaymentsQuery)
@blueprint.returns(200, payments=fields.List(fields.Nested(PaymentOfSchema), required=True), **PAGE)
def list_all(query: dict[str, Any]) -> dict[str, Any]:
    """List everybody's payments

    The newest first; `userId`, `status` and `type` filter.
    """
    if "userId" in query:
        query["userId"] = ObjectId(query["userId"])
    found, pagination = payments.listing(query)
    return {"payments": payments.with_payers(found), "pagination": pagination}


@blueprint.get("/admin/all/<id:payment_id>")
@login_required(*ADMINS)
@blueprint.returns(200, payment=fields.Nested(PaymentOfSchema, required=True))
@blueprint.refuses(404)
def show_to_admin(payment_id: ObjectId) -> dict[str, Any]:
    """Show anybody's payment

    With who pays beside it.
    """
    return {"payment": payments.with_payers([payments.view(payments.stored(payment_id))])[0]}


@blueprint.get("/<id:payment_id>")
@login_required()
@blueprint.returns(200, **PAYMENT)
@blueprint.refuses(404)
def show_payment(payment_id: ObjectId) -> dict[str, Any]:
    """Show one of one's own payments

    `status` is `pending` until the provider has told that it was paid.
    """
    return {"payment": payments.view(payments.stored(payment_id, userId=current_viewer().id))}


@blueprint.post("/<id:payment_id>/refund")
@login_required(*ADMINS)
@rate_limited("refund", "60/minute")
@idempotent
@blueprint.accepts(RefundSchema, example=REFUND)
@blueprint.returns(200, **PAYMENT)
@blueprint.refuses(404, 409)
def refund(body: dict[str, Any], payment_id: ObjectId) -> Reply:
    """Give a payment back

    All that is left of it, or `amount`. The provider is asked; when its event arrives (at once in the sandbox), what
    was bought is taken back in proportion: what has been spent of it becomes a debt of the payer's.
    """
    done = refunding.refund(payment_id, body.get("amount"), body["reason"], current_viewer())
    return Reply({"payment": payments.view(done)}, "The provider was asked to give it back")


@sandbox_pages.post("/<id:payment_id>/sandbox/fail", tags=["payments"])
@login_required()
@rate_limited("sandbox", "120/minute")
@idempotent
@sandbox_pages.accepts(DeclineSchema, example=DECLINED, required=False)
@sandbox_pages.returns(200, **PAYMENT)
@sandbox_pages.refuses(404, 409)
def fail_in_sandbox(body: dict[str, Any], payment_id: ObjectId) -> Reply:
    """Let a sandbox payment be declined

    Only where the sandbox is the payment provider. As with a real card, another attempt may succeed.
    """
    sandbox.fail(payment_id, current_viewer().id, body["reason"])
    return Reply({"payment": payments.view(payments.stored(payment_id))}, "Declined")


@sandbox_pages.post("/<id:payment_id>/sandbox/complete", tags=["payments"])
@login_required()
@rate_limited("sandbox", "120/minute")
@idempotent
@sandbox_pages.returns(200, **PAYMENT)
@sandbox_pages.refuses(404, 409)
def complete_in_sandbox(payment_id: ObjectId) -> Reply:
    """Pay a sandbox payment

    Only where the sandbox is the payment provider: no money moves, and what was bought is credited by
    a signed event like any provider's.
    """
    sandbox.complete(payment_id, current_viewer().id)
    return Reply({"payment": payments.view(payments.stored(payment_id))}, "Paid in the sandbox")
