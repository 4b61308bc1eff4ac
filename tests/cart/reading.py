"""What is in a cart."""

from typing import Any

from flask.testing import FlaskClient

Document = dict[str, Any]
TOKEN = "X-Cart-Token"


def cart_of(client: FlaskClient, **headers: str) -> Document:
    answer = client.get("/api/cart", headers=headers)
    assert answer.status_code == 200
    return answer.json["data"]["cart"]


def lines(cart: Document) -> list[tuple[str, str | None, int]]:
    return [(item["productId"], item["variantName"], item["quantity"]) for item in cart["items"]]
