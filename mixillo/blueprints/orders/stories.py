"""Stories of the shop for the probe: what takes a seller, a buyer and an administrator, one after the other."""

from typing import Any

from mixillo.ops.probes.identities import ADMIN, APPLICANT, BUYER, HOST, VENDOR
from mixillo.ops.probes.scenarios import Scenario, Step

ADDRESS = {
    "fullName": "Mixillo Probe",
    "phone": "+44 20 7946 0000",
    "addressLine1": "12 St James's Square",
    "city": "London",
    "postalCode": "SW1Y 4JH",
    "country": "GB",
}
PRODUCT = {"name": "For probing", "description": "Nobody may buy it but a probe.", "price": 10, "currency": "USD"}
APPLICATION = {"businessName": "For probing", "businessType": "individual"}
OFF_SALE = Step("take it off sale", "DELETE", "/api/products/{slug}", 200, identity=VENDOR)
PRODUCT_PATH, REVIEW = "/api/products/{slug}", "/api/products/{slug}/reviews/{review_id}"
ORDER, STATUS = "data.order._id", "data.order.status"
SUM, DISCOUNT = "data.cart.subtotal", "data.cart.discount"
KEPT_PRODUCT = {"product_id": "data.product._id", "slug": "data.product.slug"}


def _offered() -> tuple[Step, ...]:
    """Something is on sale, approved by an administrator, and lies in the buyer's cart alone."""
    return (
        Step("offer", "POST", "/api/products", 201, identity=VENDOR, body=PRODUCT | {"stock": 1}, keeps=KEPT_PRODUCT),
        Step("approve", "PUT", "/api/products/admin/{product_id}/status", 200, identity=ADMIN,
             body={"status": "active"}),
        Step("look", "GET", PRODUCT_PATH, 200, identity=BUYER, shows={"data.product._id": "$product_id"}),
        Step("empty the cart", "DELETE", "/api/cart/clear", 200, identity=BUYER),
        Step("into the cart", "POST", "/api/cart/items", 201, identity=BUYER,
             body={"productId": "$product_id", "quantity": 1}, keeps={"item_id": "data.item._id"}),
    )  # fmt: skip


def _ordered(by: str, **more: Any) -> Step:
    body = {"shippingAddress": ADDRESS, "paymentMethod": by}
    return Step("order", "POST", "/api/orders", 201, identity=BUYER, body=body, **more)


def _balance(name: str, **more: Any) -> Step:
    return Step(name, "GET", "/api/wallets/balance", 200, identity=BUYER, query="currency=USD", **more)


BOUGHT_AND_RETURNED = Scenario(
    "orders",
    "buy → deliver → review → send back",
    (
        *_offered(),
        _balance("what the buyer has", keeps={"balance": "data.balance"}),
        _ordered("wallet", keeps={"order_id": ORDER}, shows={"data.order.paymentStatus": "paid"}),
        Step("no second piece", "POST", "/api/cart/items", 409, identity=HOST,
             body={"productId": "$product_id", "quantity": 1}),
        Step("send", "PUT", "/api/orders/{order_id}/status", 200, identity=VENDOR, shows={STATUS: "shipped"},
             body={"status": "shipped", "carrier": "DHL", "trackingNumber": "JD014600006228974610"}),
        Step("track", "GET", "/api/orders/{order_id}/track", 200, identity=BUYER),
        Step("deliver", "PUT", "/api/orders/{order_id}/status", 200, identity=VENDOR, shows={STATUS: "delivered"},
             body={"status": "delivered"}),
        Step("review", "POST", "/api/products/{slug}/reviews", 201, identity=BUYER,
             body={"rating": 5, "comment": "Feels right in the hand."}, keeps={"review_id": "data.review._id"}),
        Step("change the review", "PUT", REVIEW, 200, identity=BUYER, body={"rating": 4}),
        Step("read reviews", "GET", "/api/products/{slug}/reviews", 200, identity=HOST),
        Step("find it helpful", "POST", f"{REVIEW}/helpful", 200, identity=HOST),
        Step("no longer helpful", "DELETE", f"{REVIEW}/helpful", 200, identity=HOST),
        Step("take the review back", "DELETE", REVIEW, 200, identity=BUYER),
        Step("ask to return", "POST", "/api/orders/{order_id}/return", 200, identity=BUYER,
             body={"reason": "It does not fit"}),
        Step("not taken back", "POST", "/api/orders/{order_id}/return/decline", 200, identity=VENDOR,
             body={"note": "It has been worn"}),
        Step("ask again", "POST", "/api/orders/{order_id}/return", 200, identity=BUYER,
             body={"reason": "It has not"}),
        Step("take back", "POST", "/api/orders/{order_id}/return/accept", 200, identity=VENDOR,
             body={"note": "It is back, thank you"}, shows={STATUS: "returned"}),
        _balance("the money is back", shows={"data.balance": "$balance"}),
        OFF_SALE,
    ),
)  # fmt: skip

PAID_ELSEWHERE = Scenario(
    "orders",
    "order → pay elsewhere → give money back",
    (
        *_offered(),
        _ordered("card", keeps={"order_id": ORDER}, shows={"data.order.paymentStatus": "pending"}),
        Step("where to pay", "POST", "/api/orders/{order_id}/pay", 200, identity=BUYER, body={},
             keeps={"payment_id": "data.order.paymentId"}),
        Step("pay", "POST", "/api/payments/{payment_id}/sandbox/complete", 200, identity=BUYER),
        Step("it is paid", "GET", "/api/orders/admin/{order_id}", 200, identity=ADMIN,
             shows={"data.order.paymentStatus": "paid"}),
        Step("begin", "PUT", "/api/orders/admin/{order_id}/status", 200, identity=ADMIN,
             body={"status": "processing"}, shows={STATUS: "processing"}),
        Step("give some back", "POST", "/api/orders/admin/{order_id}/refund", 200, identity=ADMIN,
             body={"amount": 5.0, "reason": "Arrived with a scratch"}),
        OFF_SALE,
    ),
)  # fmt: skip

BECOMING_A_SELLER = Scenario(
    "stores",
    "apply → turned down → apply again → sell",
    (
        Step("apply", "POST", "/api/stores/apply", 201, identity=APPLICANT, body=APPLICATION,
             keeps={"application_id": "data.application._id"}),
        Step("turned down", "POST", "/api/admin/seller-applications/{application_id}/reject", 200, identity=ADMIN,
             body={"reason": "The registration has expired."}, shows={"data.application.status": "rejected"}),
        Step("told why", "GET", "/api/stores/apply", 200, identity=APPLICANT,
             shows={"data.application.status": "rejected"}),
        Step("apply again", "POST", "/api/stores/apply", 201, identity=APPLICANT, body=APPLICATION,
             keeps={"application_id": "data.application._id"}),
        Step("approved", "POST", "/api/admin/seller-applications/{application_id}/approve", 200, identity=ADMIN,
             shows={"data.application.status": "approved"}),
        Step("a store", "GET", "/api/stores/mine", 200, identity=APPLICANT),
    ),
)  # fmt: skip

WHAT_GOES_WITH_IT = Scenario(
    "products",
    "offer → approve → see what goes with it",
    (
        *_offered(),
        Step("others of the store", "GET", f"{PRODUCT_PATH}/related", 200, keeps={"other": "data.products.0._id"}),
        OFF_SALE,
    ),
)

CART_OF_OLDER_CLIENTS = Scenario(
    "cart",
    "fill and empty it by the older paths",
    (
        *_offered(),
        Step("have one", "PUT", "/api/cart/{item_id}", 200, identity=BUYER, body={"quantity": 1}, shows={SUM: 10.0}),
        Step("take it out", "DELETE", "/api/cart/{item_id}", 200, identity=BUYER, shows={SUM: 0.0}),
        Step("put it in", "POST", "/api/cart/add", 200, identity=BUYER, shows={SUM: 10.0},
             body={"productId": "$product_id", "quantity": 1}),
        Step("take the product out", "DELETE", "/api/cart/remove/{product_id}", 200, identity=BUYER, shows={SUM: 0.0}),
        OFF_SALE,
    ),
)  # fmt: skip

CHEAPER_BY_A_COUPON = Scenario(
    "coupons",
    "make a coupon → use it → cancel",
    (
        *_offered(),
        Step("make a coupon", "POST", "/api/coupons", 201, identity=ADMIN, keeps={"coupon_id": "data.coupon._id"},
             body={"code": "$username", "type": "percentage", "value": 10, "isFeatured": True,
                   "usageLimit": 1, "applicableProducts": ["$product_id"]}),
        Step("put forward", "GET", "/api/coupons/featured", 200, keeps={"featured": "data.coupons.0._id"}),
        Step("found by its beginning", "GET", "/api/coupons/search", 200, query="q=probe_",
             keeps={"found": "data.coupons.0._id"}),
        Step("is it good", "POST", "/api/coupons/validate", 200, identity=BUYER, body={"code": "$username"},
             shows={"data.valid": True, "data.discount": 1.0}),
        Step("use it", "POST", "/api/cart/apply-coupon", 200, identity=BUYER, body={"code": "$username"},
             shows={DISCOUNT: 1.0}),
        Step("use it no longer", "DELETE", "/api/cart/remove-coupon", 200, identity=BUYER, shows={DISCOUNT: 0.0}),
        Step("use it all the same", "POST", "/api/coupons/apply", 200, identity=BUYER, body={"code": "$username"},
             shows={DISCOUNT: 1.0}),
        _balance("what the buyer has", keeps={"balance": "data.balance"}),
        _ordered("wallet", keeps={"order_id": ORDER}, shows={"data.order.discount": 1.0}),
        Step("what it was used for", "GET", "/api/coupons/usage-history", 200, identity=BUYER,
             shows={"data.uses.0.orderId": "$order_id", "data.uses.0.amount": 1.0}),
        Step("used up", "POST", "/api/coupons/validate", 200, identity=HOST, body={"code": "$username"},
             shows={"data.valid": False, "data.reason": "used_up"}),
        Step("cancel", "POST", "/api/orders/{order_id}/cancel", 200, identity=BUYER, body={"reason": "Only probing"},
             shows={STATUS: "cancelled"}),
        _balance("the money is back", shows={"data.balance": "$balance"}),
        Step("remove the coupon", "DELETE", "/api/coupons/{coupon_id}", 200, identity=ADMIN,
             shows={"data.deleted": True}),
        OFF_SALE,
    ),
)  # fmt: skip

STORIES = (
    BECOMING_A_SELLER,
    WHAT_GOES_WITH_IT,
    CART_OF_OLDER_CLIENTS,
    CHEAPER_BY_A_COUPON,
    BOUGHT_AND_RETURNED,
    PAID_ELSEWHERE,
)
