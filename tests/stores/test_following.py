"""Who follows a store: a pair and an exact count."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.users import make_user, unknown_id
from tests.stores.asking import Document, names, page


def test_following_is_a_pair_and_a_count(
    as_una: FlaskClient, as_sam: FlaskClient, client: FlaskClient, store: Document, db: Database
) -> None:
    path = "/api/stores/linen-and-clay/follow"
    assert as_una.post(path).json["data"] == {"isFollowing": True, "followersCount": 1}
    assert (page(as_una)["store"]["isFollowing"], page(client)["store"]["isFollowing"]) == (True, False)
    assert page(client)["store"]["followersCount"] == 1
    assert names(as_una.get("/api/stores/following")) == ["Linen and Clay"]
    assert as_una.post(path).json["data"] == {"isFollowing": False, "followersCount": 0}
    assert as_una.post(path).json["data"] == {"isFollowing": True, "followersCount": 1}
    for _ in range(2):
        assert as_una.delete(path).json["data"] == {"isFollowing": False, "followersCount": 0}
    assert as_sam.post(path).status_code == 400
    assert as_una.post(f"/api/stores/{unknown_id()}/follow").status_code == 404
    assert db["storefollows"].count_documents({}) == 0


def test_a_repeated_key_follows_once(as_una: FlaskClient, store: Document) -> None:
    headers = {"Idempotency-Key": "one"}
    path = "/api/stores/linen-and-clay/follow"
    first, again = as_una.post(path, headers=headers), as_una.post(path, headers=headers)
    assert first.get_data() == again.get_data()
    assert page(as_una)["store"]["followersCount"] == 1


def test_the_count_of_followers_is_exact_whoever_comes_and_goes(app: Flask, store: Document, db: Database) -> None:
    people = [client_of(app, make_user(db)) for _ in range(12)]
    path = "/api/stores/linen-and-clay/follow"

    def come_and_go(number: int) -> None:
        client = people[number % len(people)]
        for _ in range(3):
            answer = client.delete(path) if number % 5 == 4 else client.post(path)
            assert answer.status_code == 200, answer.json

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(come_and_go, range(24)))
    stored = db["stores"].find_one({"_id": store["_id"]})["followersCount"]
    assert stored == db["storefollows"].count_documents({"storeId": store["_id"]})
    pairs = {(each["userId"], each["storeId"]) for each in db["storefollows"].find()}
    assert len(pairs) == stored
