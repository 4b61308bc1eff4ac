"""What buyers do with orders."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.orders.queries import orders, shapes, tracking
from mixillo.blueprints.orders.routes.blueprint import blueprint, checkout
from mixillo.blueprints.orders.schemas.asked import OrdersQuery
from mixillo.blueprints.orders.schemas.given import (
    CancelOrderSchema,
    PayAgainSchema,
    PlaceOrderSchema,
    ReturnOrderSchema,
)
from mixillo.blueprints.orders.schemas.shown import AnyOrderSchema, OrderSchema, TrackingSchema
from mixillo.blueprints.orders.services import moving, paying, placing, returning, wishing
from mixillo.blueprints.payments.schemas import CheckoutSchema as WhereToPaySchema
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import current_viewer, login_required

ORDER = fields.Nested(OrderSchema, required=True)
WHERE_TO_PAY = fields.Nested(
    WhereToPaySchema, required=True, allow_none=True, metadata={"description": "Where to pay it, if that is elsewhere."}
)
EXAMPLE = {
    "shippingAddress": {
        "fullName": "Ada Lovelace",
        "phone": "+44 20 7946 0000",
        "addressLine1": "12 St James's Square",
        "city": "London",
        "postalCode": "SW1Y 4JH",
        "country": "GB",
    },
    "paymentMethod": "cash_on_delivery",
    "notes": "Please ring twice",
}


@blueprint.get("")
@login_required()
@blueprint.takes(OrdersQuery)
@blueprint.returns(
    200, orders=fields.List(fields.Nested(OrderSchema), required=True), pagination=fields.Nested(PaginationSchema)
)
def list_orders(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own orders

    The newest first.
    """
    found, pagination = orders.own(current_viewer().id, query)
    return {"orders": found, "pagination": pagination}


@checkout.post("/checkout", tags=["orders"])
@blueprint.post("")
@login_required()
@rate_limited("orders", "60/minute")
@idempotent
@blueprint.accepts(PlaceOrderSchema, example=EXAMPLE)
@blueprint.returns(201, order=ORDER, payment=WHERE_TO_PAY)
@blueprint.refuses(404, 409)
def place_order(body: dict[str, Any]) -> Reply:
    """Order what is in the cart

    Reserves the goods, uses the coupons up and empties the cart, all together or not at all. A wallet pays at once;
    cash is paid on delivery; otherwise `payment` says where to pay, within 15 minutes, after which the goods are free
    again. 409 `cart_empty`, `out_of_stock` (with `items`), `cart_changed` (with `changes`), `total_changed`,
    `coupon_not_valid`, `insufficient_funds` and others. Send an `Idempotency-Key`, so that repeating a lost request
    does not order twice.
    """
    viewer = current_viewer()
    order, payment = placing.place(viewer, wishing.wish(viewer.id, body), operation_id())
    shown = {"order": shapes.whole(order), "payment": payment and payment.as_dict()}
    return Reply(shown, "Order placed", location=f"/api/orders/{order['orderNumber']}")


@blueprint.get("/<orderNumber>")
@login_required()
@blueprint.returns(200, order=fields.Nested(AnyOrderSchema, required=True))
@blueprint.refuses(404)
def show_order(orderNumber: str) -> dict[str, Any]:
    """Show an order

    By its number or its id; to its buyer and administrators, and to a seller their part of it.
    """
    return {"order": orders.one(current_viewer(), orderNumber)}


@blueprint.post("/<id:order_id>/pay")
@login_required()
@rate_limited("orders", "60/minute")
@idempotent
@blueprint.accepts(PayAgainSchema, example={}, required=False)
@blueprint.needs("order that waits to be paid")
@blueprint.returns(200, order=ORDER, payment=fields.Nested(WhereToPaySchema, required=True))
@blueprint.refuses(404, 409)
def pay_order(body: dict[str, Any], order_id: ObjectId) -> dict[str, Any]:
    """Ask where to pay an order

    That still waits for it: the same payment as before. 409 `order_not_payable`.
    """
    viewer = current_viewer()
    order = orders.stored_of(viewer.id, order_id)
    _, token = wishing.means(viewer.id, order["paymentMethod"], body.get("paymentMethodId"))
    payment = paying.again(order, token)
    return {"order": shapes.whole(order), "payment": payment.as_dict()}


@blueprint.post("/<id:order_id>/cancel")
@login_required()
@rate_limited("orders", "60/minute")
@idempotent
@blueprint.accepts(CancelOrderSchema, example={"reason": "Ordered by mistake"}, required=False)
@blueprint.returns(200, order=ORDER)
@blueprint.refuses(404, 409)
def cancel_order(body: dict[str, Any], order_id: ObjectId) -> Reply:
    """Cancel an order

    Before any of it is on its way (409 `order_not_cancellable`). Goods and coupons are free again; money goes back to
    where it came from. Cancelling again changes nothing.
    """
    return _cancel(body, order_id)


@blueprint.put("/<id:order_id>/cancel")
@login_required()
@rate_limited("orders", "60/minute")
@blueprint.accepts(CancelOrderSchema, example={"reason": "Ordered by mistake"}, required=False)
@blueprint.returns(200, order=ORDER)
@blueprint.refuses(404, 409)
def cancel_order_again(body: dict[str, Any], order_id: ObjectId) -> Reply:
    """Cancel an order, as the mobile app does

    The same as `POST`.
    """
    return _cancel(body, order_id)


@blueprint.get("/<id:order_id>/track")
@login_required()
@blueprint.returns(200, tracking=fields.Nested(TrackingSchema, required=True))
@blueprint.refuses(404)
def track_order(order_id: ObjectId) -> dict[str, Any]:
    """Tell where an order is

    Its parcels, and what has happened so far, the latest first.
    """
    return {"tracking": tracking.of(current_viewer(), order_id)}


@blueprint.post("/<id:order_id>/return")
@login_required()
@rate_limited("orders", "60/minute")
@idempotent
@blueprint.accepts(ReturnOrderSchema, example={"reason": "It does not fit"})
@blueprint.needs("order that was delivered")
@blueprint.returns(200, order=ORDER)
@blueprint.refuses(404, 409)
def request_return(body: dict[str, Any], order_id: ObjectId) -> Reply:
    """Ask to send an order back

    What was delivered of it, or the part of one store, within 30 days (409 `order_not_returnable`). The seller accepts
    when it has come back: then the money does too.
    """
    order = returning.request(current_viewer(), order_id, body["reason"], body["storeId"])
    return Reply({"order": shapes.whole(order)}, "The seller was asked")


def _cancel(body: dict[str, Any], order_id: ObjectId) -> Reply:
    order = moving.cancel(current_viewer(), order_id, body["reason"])
    return Reply({"order": shapes.whole(order)}, "Order cancelled")
