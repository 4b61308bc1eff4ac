"""Reviews: by those who got the product, once each; the rating is the mean whoever writes at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import db as core_db
from tests.factories.auth import client_of
from tests.factories.products import make_order, make_product
from tests.factories.users import make_user

Document = dict[str, Any]


@pytest.fixture
def product(db: Database, store: Document) -> Document:
    return make_product(db, store)


def review(client: FlaskClient, product: Document, rating: int = 5, **more: Any) -> Any:
    return client.post(f"/api/products/{product['slug']}/reviews", json={"rating": rating, "comment": "Good."} | more)


def rating(db: Database, product: Document) -> tuple[float, int]:
    stored = db["products"].find_one({"_id": product["_id"]})
    return stored["rating"], stored["reviewsCount"]


def make_buyer(app: Flask, db: Database, product: Document) -> FlaskClient:
    buyer = make_user(db)
    make_order(db, buyer, product)
    return client_of(app, buyer)


def test_a_buyer_reviews_once(as_una: FlaskClient, una: Document, db: Database, product: Document) -> None:
    order = make_order(db, una, product)
    answer = review(as_una, product, 4)
    assert answer.status_code == 201, answer.json
    shown = answer.json["data"]["review"]
    assert (shown["rating"], shown["isVerifiedPurchase"], shown["userId"]) == (4, True, str(una["_id"]))
    assert (shown["userName"], shown["user"]["username"]) == (una["fullName"], una["username"])
    assert db["reviews"].find_one({})["orderId"] == order
    again = review(as_una, product)
    assert (again.status_code, again.json["code"]) == (409, "already_reviewed")
    assert rating(db, product) == (4, 1)


@pytest.mark.parametrize("status", [None, "pending", "shipped", "cancelled"])
def test_who_has_not_got_it_does_not_review(
    as_una: FlaskClient, una: Document, db: Database, product: Document, status: str | None
) -> None:
    if status:
        make_order(db, una, product, status=status)
    make_order(db, una, make_product(db))
    answer = review(as_una, product)
    assert (answer.status_code, answer.json["code"]) == (403, "not_purchased")
    assert rating(db, product) == (0, 0)


@pytest.mark.parametrize("stars", [0, 6, 4.5, "5", None])
def test_there_are_one_to_five_stars(as_una: FlaskClient, product: Document, stars: Any) -> None:
    assert review(as_una, product, stars).status_code == 400


@pytest.mark.parametrize("are_in_one_process", [True, False])
def test_the_rating_is_right_when_many_write_at_once(
    app: Flask, db: Database, product: Document, are_in_one_process: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not are_in_one_process:  # then nobody takes turns, and the database alone keeps them apart
        monkeypatch.setattr(core_db, "_turns", lambda _keys: nullcontext())
    stars = [1, 2, 3, 4, 5, 5, 4, 3]
    clients = [make_buyer(app, db, product) for _ in stars]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda each: review(each[0], product, each[1]), zip(clients, stars, strict=True)))
    assert [answer.status_code for answer in answers] == [201] * len(stars)
    assert rating(db, product) == (sum(stars) / len(stars), len(stars))


def test_one_person_who_sends_twice_at_once_reviews_once(
    app: Flask, db: Database, una: Document, product: Document
) -> None:
    make_order(db, una, product)
    clients = [client_of(app, una) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: review(client, product), clients))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert rating(db, product) == (5, 1)


def test_a_change_and_a_removal_move_the_rating(app: Flask, db: Database, product: Document) -> None:
    one, other = make_buyer(app, db, product), make_buyer(app, db, product)
    review(one, product, 5)
    theirs = review(other, product, 2).json["data"]["review"]
    path = f"/api/products/{product['_id']}/reviews/{theirs['_id']}"
    assert other.put(path, json={"rating": 4}).status_code == 200
    assert rating(db, product) == (4.5, 2)
    assert (one.put(path, json={"rating": 1}).status_code, one.delete(path).status_code) == (404, 404)
    assert other.delete(path).status_code == 200
    assert rating(db, product) == (5, 1)


def test_an_administrator_removes_a_review_and_it_is_recorded(
    as_admin: FlaskClient, app: Flask, db: Database, product: Document, ops_db: Database
) -> None:
    made = review(make_buyer(app, db, product), product).json["data"]["review"]
    assert as_admin.delete(f"/api/products/{product['slug']}/reviews/{made['_id']}").status_code == 200
    assert rating(db, product) == (0, 0)
    assert ops_db["auditlog"].count_documents({"action": "review.removed"}) == 1


def test_a_person_finds_a_review_helpful_once(app: Flask, db: Database, product: Document, as_una: FlaskClient) -> None:
    author = make_buyer(app, db, product)
    made = review(author, product).json["data"]["review"]
    path = f"/api/products/{product['slug']}/reviews/{made['_id']}/helpful"
    with ThreadPoolExecutor(4) as pool:
        clients = [as_una, *(client_of(app, make_user(db)) for _ in range(3))] * 2
        assert all(answer.status_code == 200 for answer in pool.map(lambda client: client.post(path), clients))
    assert db["reviews"].find_one({})["helpfulCount"] == 4
    assert as_una.delete(path).json["data"]["helpfulCount"] == 3
    assert as_una.delete(path).json["data"]["helpfulCount"] == 3
    own = author.post(path)
    assert (own.status_code, own.json["code"]) == (409, "own_review")
    assert as_una.post(path.replace(made["_id"], "0" * 24)).status_code == 404


def test_reviews_are_listed_newest_or_most_helpful_first(app: Flask, db: Database, product: Document) -> None:
    made = [review(make_buyer(app, db, product), product, n).json["data"]["review"] for n in (1, 2, 3)]
    client_of(app, make_user(db)).post(f"/api/products/{product['slug']}/reviews/{made[1]['_id']}/helpful")
    client = client_of(app)
    for query, stars in (("", [3, 2, 1]), ("?sortBy=helpful", [2, 3, 1]), ("?limit=1&page=2", [2])):
        found = client.get(f"/api/products/{product['slug']}/reviews{query}").json["data"]["reviews"]
        assert [each["rating"] for each in found] == stars


def test_a_repeated_key_reviews_once(
    as_una: FlaskClient, una: Document, db: Database, product: Document, ops_db: Database
) -> None:
    make_order(db, una, product)
    path, headers = f"/api/products/{product['slug']}/reviews", {"Idempotency-Key": "one"}
    first = as_una.post(path, json={"rating": 5}, headers=headers)
    ops_db["idempotencykeys"].delete_many({})
    again = as_una.post(path, json={"rating": 5}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["data"]["review"]["_id"] == again.json["data"]["review"]["_id"]
    assert rating(db, product) == (5, 1)
