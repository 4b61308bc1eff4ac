"""What clients send at checkout, in either of their dialects, as what the buyer wants."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.addresses import services as addresses
from mixillo.blueprints.orders.models import CARD, METHODS, PAYPAL, WALLET
from mixillo.blueprints.orders.services.drafting import Wish
from mixillo.blueprints.paymentmethods import queries as paymentmethods
from mixillo.blueprints.paymentmethods.models import PaymentMethod
from mixillo.core.slugs import ID

Document = dict[str, Any]
KINDS = {"paypal": PAYPAL, "wallet": WALLET}


def wish(buyer_id: ObjectId, sent: Document) -> Wish:
    """Return what somebody wants who has ``sent`` this.

    :raises AddressNotFound: they have no such address.
    :raises PaymentMethodNotFound: they have no such payment method.
    """
    address = sent.get("shippingAddress") or addresses.of(buyer_id, ObjectId(sent["addressId"]))
    method, token = means(buyer_id, sent.get("paymentMethod"), sent.get("paymentMethodId"))
    return Wish(
        method=method,
        address=address,
        billing=sent.get("billingAddress"),
        token=token,
        codes=(sent["couponCode"],) if "couponCode" in sent else (),
        shipping_method=sent.get("shippingMethod"),
        notes=sent.get("notes"),
        expected=sent.get("expectedTotal"),
    )


def means(buyer_id: ObjectId, method: str | None, chosen: str | None) -> tuple[str, str | None]:
    """Return how somebody pays, and what the payment provider knows that by.

    :raises PaymentMethodNotFound: they have no such payment method.
    """
    if chosen in METHODS:
        return method or chosen, None
    if not chosen or not ID.fullmatch(chosen):
        return method or CARD, chosen
    stored = PaymentMethod.collection().find_one({"_id": ObjectId(chosen)} | paymentmethods.in_use(buyer_id))
    if stored is None:
        raise paymentmethods.PaymentMethodNotFound
    return method or KINDS.get(stored["type"], CARD), stored.get("providerId")
