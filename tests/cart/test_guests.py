"""Guests have a cart by its token, and take it along when they sign in."""

from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.cart.reading import TOKEN, Document, cart_of, lines
from tests.factories.auth import sign_in
from tests.factories.commerce import make_cart
from tests.factories.products import make_product


def test_a_guest_has_a_cart_by_its_token_alone(
    app: Flask, as_guest: FlaskClient, db: Database, ops_db: Database
) -> None:
    added = as_guest.post("/api/cart/add", json={"productId": str(make_product(db)["_id"])})
    token = added.headers[TOKEN]
    assert added.json["data"]["cart"]["guestToken"] == token
    assert cart_of(as_guest, **{TOKEN: token})["itemsCount"] == 1
    assert cart_of(as_guest)["itemsCount"] == 0
    assert cart_of(as_guest)["guestToken"] != token
    (stored,) = ops_db["guestcarts"].find()
    assert token not in repr(stored)
    assert stored["_id"].binary not in token.encode()
    assert as_guest.get("/api/cart", headers={TOKEN: "mine"}).status_code == 400


def test_of_a_guest_who_takes_everything_out_nothing_is_kept(
    as_guest: FlaskClient, db: Database, ops_db: Database
) -> None:
    added = as_guest.post("/api/cart/items", json={"productId": str(make_product(db)["_id"])})
    headers = {TOKEN: added.headers[TOKEN]}
    cart = as_guest.delete(added.headers["Location"], headers=headers).json["data"]["cart"]
    assert (cart["items"], cart["guestToken"]) == ([], headers[TOKEN])
    assert ops_db["guestcarts"].count_documents({}) == 0


def test_what_a_guest_put_in_comes_along_when_they_sign_in_once(
    app: Flask, as_guest: FlaskClient, una: Document, db: Database, ops_db: Database
) -> None:
    mug, lamp = make_product(db, stock=4), make_product(db)
    make_cart(db, una, (mug, 3))
    token = as_guest.post("/api/cart/add", json={"productId": str(mug["_id"]), "quantity": 2}).headers[TOKEN]
    headers = {TOKEN: token}
    as_guest.post("/api/cart/add", json={"productId": str(lamp["_id"])}, headers=headers)
    sign_in(as_guest, una)
    cart = cart_of(as_guest, **headers)
    assert lines(cart) == [(str(mug["_id"]), None, 4), (str(lamp["_id"]), None, 1)]
    assert [(c["kind"], c["before"], c["after"]) for c in cart["changes"]] == [("stock", 5, 4)]
    assert cart["userId"] == str(una["_id"])
    assert "guestToken" not in cart
    assert cart_of(as_guest, **headers)["itemsCount"] == 5
    assert ops_db["guestcarts"].count_documents({}) == 0


def test_a_guests_cart_of_another_currency_is_not_lost(as_guest: FlaskClient, una: Document, db: Database) -> None:
    make_cart(db, una, (make_product(db, currency="EUR"), 1))
    token = as_guest.post("/api/cart/add", json={"productId": str(make_product(db)["_id"])}).headers[TOKEN]
    sign_in(as_guest, una)
    cart = cart_of(as_guest, **{TOKEN: token})
    assert [c["kind"] for c in cart["changes"]] == ["currency"]
    as_guest.delete(f"/api/cart/items/{cart['items'][0]['_id']}")
    assert cart_of(as_guest)["currency"] == "USD"


def test_a_bad_access_token_is_no_guest(as_guest: FlaskClient) -> None:
    assert as_guest.get("/api/cart", headers={"Authorization": "Bearer nonsense"}).status_code == 401
