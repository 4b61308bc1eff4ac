"""The wish list: everybody's own, each product once."""

from typing import Any

from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.products import make_product

Document = dict[str, Any]
PATH = "/api/users/wishlist"


def wished(client: FlaskClient) -> list[str]:
    return [product["name"] for product in client.get(PATH).json["data"]["products"]]


def test_wishes_are_listed_the_latest_first(as_una: FlaskClient, as_sam: FlaskClient, db: Database) -> None:
    one, two = make_product(db, name="one"), make_product(db, name="two")
    for product, added in ((one, True), (two, True), (one, False)):
        answer = as_una.post(PATH, json={"productId": str(product["_id"])})
        assert (answer.status_code, answer.json["data"]["added"]) == (200, added)
    assert (wished(as_una), wished(as_sam)) == (["two", "one"], [])
    assert as_sam.delete(f"{PATH}/{one['_id']}").status_code == 404
    assert as_una.delete(f"{PATH}/{one['_id']}").status_code == 200
    assert as_una.delete(f"{PATH}/{one['_id']}").status_code == 404
    assert wished(as_una) == ["two"]


def test_what_is_not_on_sale_any_more_is_left_out(as_una: FlaskClient, db: Database) -> None:
    product = make_product(db)
    as_una.post(PATH, json={"productId": str(product["_id"])})
    db["products"].update_one({"_id": product["_id"]}, {"$set": {"status": "archived", "isPublished": False}})
    assert wished(as_una) == []


def test_nobody_wishes_for_what_is_not_on_sale(as_una: FlaskClient, db: Database) -> None:
    hidden = make_product(db, status="draft", isPublished=False)
    for product_id in (hidden["_id"], "0" * 24):
        assert as_una.post(PATH, json={"productId": str(product_id)}).status_code == 404
    assert as_una.post(PATH, json={"productId": {"$ne": ""}}).status_code == 400


def test_the_wish_list_is_for_those_who_are_signed_in(client: FlaskClient) -> None:
    assert (client.get(PATH).status_code, client.post(PATH, json={}).status_code) == (401, 401)
