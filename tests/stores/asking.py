"""What stores show, and how their status is set."""

from typing import Any

from flask.testing import FlaskClient

Document = dict[str, Any]


def page(client: FlaskClient, slug: str = "linen-and-clay") -> Document:
    answer = client.get(f"/api/stores/{slug}")
    assert answer.status_code == 200, answer.json
    data: Document = answer.json["data"]
    return data


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json
    return [store["name"] for store in answer.json["data"]["stores"]]


def set_status(admin: FlaskClient, store: Document, status: str, **more: Any) -> Any:
    reason = {} if status == "active" else {"reason": "Nothing is sent."}
    return admin.put(f"/api/stores/admin/{store['_id']}/status", json={"status": status} | reason | more)


def on_sale(client: FlaskClient) -> list[str]:
    return sorted(product["name"] for product in client.get("/api/products?total=false").json["data"]["products"])
