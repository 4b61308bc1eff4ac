"""Placing an order: what is in the cart is reserved, coupons are used up, and a wallet pays at once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from bson import ObjectId
from flask import current_app
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.cart.services import carts
from mixillo.blueprints.cart.services.pricing import PRICE, STOCK
from mixillo.blueprints.cart.services.quoting import Change, Quote, quote
from mixillo.blueprints.coupons.models import CouponUse
from mixillo.blueprints.coupons.services import redeeming
from mixillo.blueprints.orders.models import BY_PROVIDER, CASH, PENDING, WALLET, Order
from mixillo.blueprints.orders.services import booking, keeping, paying, telling
from mixillo.blueprints.orders.services.drafting import Wish, draft
from mixillo.blueprints.orders.services.errors import CartChanged, CartEmpty, TotalChanged
from mixillo.blueprints.orders.services.working import Work
from mixillo.blueprints.payments.services import providers
from mixillo.blueprints.payments.services.providers import Checkout
from mixillo.blueprints.products.services.stock import OutOfStock
from mixillo.core import clock, money
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed

Document = dict[str, Any]


def place(buyer: Viewer, wish: Wish, order_id: ObjectId) -> tuple[Document, Checkout | None]:
    """Order what is in the buyer's cart; return the stored order and where to pay it, if that is elsewhere.

    ``order_id`` is the same whenever the request is repeated: a repetition finds the order that the first one placed.

    :raises CartEmpty: there is nothing in the cart.
    :raises OutOfStock: there is less of something than is in the cart.
    :raises CartChanged: something else in the cart cannot be had as it was put there.
    :raises TotalChanged: it costs something else than was expected.
    :raises CouponNotFound, CouponNotValid: a coupon cannot be used.
    :raises NotShippedThere, MethodNotAvailable: it cannot be sent there, or not so.
    :raises InsufficientFunds, WalletFrozen: the wallet cannot pay it.
    :raises PaymentsUnavailable: there is no payment provider, or it does not answer; the order waits to be paid.
    """
    if earlier := _earlier(buyer.id, order_id):
        return earlier, paying.ask(earlier, wish.token)
    if wish.method in BY_PROVIDER:
        providers.current()
    offered = _quoted(buyer.id, wish)
    CouponUse.ensure_collection()
    turns = {buyer.id, *(line.product_id for line in offered.lines), *(each.coupon_id for each in offered.coupons)}
    try:
        work = transact(lambda session: _place(buyer.id, wish, order_id, session), turns_of=turns)
    except DuplicateKeyError:
        if earlier := _earlier(buyer.id, order_id):
            return earlier, paying.ask(earlier, wish.token)
        raise
    telling.tell(work, telling.PLACED)
    return work.order, paying.ask(work.order, wish.token)


def _place(buyer_id: ObjectId, wish: Wish, order_id: ObjectId, session: ClientSession) -> Work:
    """Everything that belongs to an order, in one transaction; it is run again when it conflicts with another."""
    now = clock.now()
    found = _quoted(buyer_id, wish, session)
    work = Work(draft(order_id, buyer_id, wish, found, now), session, buyer_id, now=now)
    work.note(PENDING, None)
    keeping.reserve(work)
    redeeming.redeem(found.coupons, buyer_id, order_id, session)
    if wish.method == WALLET and found.total:
        booking.pay_from_wallet(work)
    if wish.method == CASH:
        keeping.confirm(work, "To be paid on delivery")
    elif wish.method == WALLET or not found.total:
        keeping.confirm(work, "Paid", is_paid=True)
    else:
        work.order["expiresAt"] = now + timedelta(minutes=current_app.config["SETTINGS"].order_minutes)
    carts.empty(buyer_id, session)
    work.insert()
    return work


def _quoted(buyer_id: ObjectId, wish: Wish, session: ClientSession | None = None) -> Quote:
    """Return what the cart costs, if that is what the buyer wants."""
    found = quote(
        carts.of(buyer_id, session),
        codes=wish.codes,
        country=wish.address["country"],
        method=wish.shipping_method,
        session=session,
    )
    refused = [change for change in found.changes if change.kind != PRICE]
    if refused:
        raise _refusal(refused)
    if not found.lines:
        raise CartEmpty
    _check_total(found, wish.expected)
    return found


def _refusal(changes: list[Change]) -> OutOfStock | CartChanged:
    short = [change for change in changes if change.kind == STOCK]
    if short and len(short) == len(changes):
        first = short[0]
        text = f"{first.name}: {first.before} wanted, {first.after} available."
        items = [
            {"productId": str(each.product_id), "name": each.name, "wanted": each.before, "available": each.after}
            for each in short
        ]
        return OutOfStock(text, items=items)
    told = [{"kind": each.kind, "name": each.name, "reason": each.reason} for each in changes]
    return CartChanged("; ".join(f"{each.name}: {each.reason or each.kind}" for each in changes), changes=told)


def _check_total(found: Quote, expected: Decimal | None) -> None:
    if expected is None:
        return
    try:
        units = money.exact_minor(expected, found.currency)
    except ValueError as error:
        raise ValidationFailed.of("expectedTotal", f"{error}.") from None
    if units != found.total:
        raise TotalChanged(
            f"It is {money.in_words(found.total, found.currency)} now.", total=money.shown(found.total, found.currency)
        )


def _earlier(buyer_id: ObjectId, order_id: ObjectId) -> Document | None:
    found: Document | None = Order.collection().find_one({"_id": order_id, "userId": buyer_id})
    return found
