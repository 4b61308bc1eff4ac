"""What shipping would cost, for the cart or for some goods."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.cart.routes.blueprint import guest_of_calculation, owner, reply, shipping_costs
from mixillo.blueprints.cart.routes.items import PRODUCT_ID
from mixillo.blueprints.cart.schemas import CalculationSchema
from mixillo.blueprints.cart.services import shipping
from mixillo.blueprints.shipping.schemas import OfferedSchema
from mixillo.core.api import Reply
from mixillo.core.security import optional_login


@shipping_costs.post("/calculate")
@optional_login
@guest_of_calculation
@shipping_costs.accepts(
    CalculationSchema, example={"country": "DE", "items": [{"productId": PRODUCT_ID, "quantity": 1}]}
)
@shipping_costs.returns(
    200,
    options=fields.List(fields.Nested(OfferedSchema), required=True),
    currency=fields.String(required=True, metadata={"example": "EUR"}),
    subtotal=fields.Float(required=True, metadata={"example": 22.95}),
)
def calculate(sent: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Calculate what shipping costs

    Of `items`, or of what is in one's cart; to a `country`, or wherever. The cheapest first; none where nothing is
    shipped there. What is not on sale is left out.
    """
    whose = owner(sent)
    items = body["items"] if "items" in body else whose.cart()["items"]
    return reply(whose, shipping.offered(items, body.get("country")))
