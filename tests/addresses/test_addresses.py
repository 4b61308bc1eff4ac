"""Addresses: one's own, so many and no more, always one default, in the shape that orders keep."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.addresses import services
from mixillo.blueprints.addresses.queries import AddressNotFound
from tests.factories.auth import client_of
from tests.plans import faults, profiled

HOME = {
    "fullName": "Ada Lovelace", "phone": "+44 20 7946 0000", "addressLine1": "12 St James's Square",
    "city": "London", "postalCode": "SW1Y 4JH", "country": "GB",
}  # fmt: skip
# As the mobile app sends it.
MOBILE = {
    "name": "Ada Lovelace", "addressLine1": "1 Main Street", "addressLine2": "", "city": "Springfield", "state": "IL",
    "zipCode": "62701", "phone": "217 555 0100", "isDefault": False,
}  # fmt: skip
PATH = "/api/user/addresses"
Document = dict[str, Any]


def add(client: FlaskClient, **fields: Any) -> Document:
    answer = client.post(PATH, json=HOME | fields)
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"] == f"{PATH}/{answer.json['data']['address']['_id']}"
    address: Document = answer.json["data"]["address"]
    return address


def listed(client: FlaskClient) -> list[Document]:
    answer = client.get(PATH)
    assert answer.status_code == 200
    addresses: list[Document] = answer.json["data"]["addresses"]
    return addresses


def defaults(client: FlaskClient) -> list[str]:
    return [address["city"] for address in listed(client) if address["isDefault"]]


def test_the_first_is_the_default_and_stands_first_whatever_comes(as_una: FlaskClient) -> None:
    assert (listed(as_una), add(as_una)["isDefault"], add(as_una, city="Ockham")["isDefault"]) == ([], True, False)
    assert [address["city"] for address in listed(as_una)] == ["London", "Ockham"]
    assert add(as_una, city="Bath", isDefault=True)["isDefault"]
    assert [address["city"] for address in listed(as_una)] == ["Bath", "London", "Ockham"]
    assert defaults(as_una) == ["Bath"]


def test_the_mobile_apps_names_mean_the_stored_ones(as_una: FlaskClient, una: Document, app: Flask) -> None:
    address = as_una.post(PATH, json=MOBILE).json["data"]["address"]
    assert (address["fullName"], address["name"]) == ("Ada Lovelace", "Ada Lovelace")
    assert (address["postalCode"], address["zipCode"], address["country"]) == ("62701", "62701", "US")
    with app.app_context():
        shape = services.of(una["_id"], ObjectId(address["_id"]))
    assert shape == {
        "fullName": "Ada Lovelace", "phone": "217 555 0100", "addressLine1": "1 Main Street", "addressLine2": "",
        "city": "Springfield", "state": "IL", "postalCode": "62701", "country": "US",
    }  # fmt: skip


def test_what_is_changed_changes_and_the_rest_stays(as_una: FlaskClient, db: Database) -> None:
    first, second = add(as_una, state="LND", addressLine2="Flat 2"), add(as_una)
    answer = as_una.put(f"{PATH}/{second['_id']}", json={"city": "Ockham", "country": "de", "isDefault": True})
    changed = answer.json["data"]["address"]
    assert (changed["city"], changed["country"], changed["isDefault"]) == ("Ockham", "DE", True)
    assert defaults(as_una) == ["Ockham"]
    cleared = as_una.put(f"{PATH}/{first['_id']}", json={"state": None, "isDefault": False}).json["data"]["address"]
    assert (cleared["state"], cleared["addressLine2"], cleared["city"]) == (None, "Flat 2", "London")
    stored = db["addressbooks"].find_one({})
    assert "state" not in stored["addresses"][0]
    assert as_una.get(f"{PATH}/{first['_id']}").json["data"]["address"] == cleared


def test_without_the_default_the_first_of_the_others_is_it(as_una: FlaskClient) -> None:
    made = [add(as_una, city=city) for city in ("London", "Ockham", "Bath")]
    assert as_una.delete(f"{PATH}/{made[1]['_id']}").status_code == 200
    assert defaults(as_una) == ["London"]
    assert as_una.delete(f"{PATH}/{made[0]['_id']}").status_code == 200
    assert defaults(as_una) == ["Bath"]
    assert as_una.delete(f"{PATH}/{made[2]['_id']}").status_code == 200
    assert as_una.delete(f"{PATH}/{made[2]['_id']}").status_code == 404
    assert (listed(as_una), add(as_una)["isDefault"]) == ([], True)


def test_parallel_requests_end_with_one_default_and_no_more_than_the_limit(
    app: Flask, una: Document, db: Database
) -> None:
    clients = [client_of(app, una) for _ in range(30)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda each: each.post(PATH, json=HOME | {"isDefault": True}), clients))
    codes = [answer.status_code for answer in answers]
    assert (codes.count(201), codes.count(409)) == (services.MOST, 30 - services.MOST)
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json["code"] == "too_many_addresses"
    assert (len(listed(clients[0])), len(defaults(clients[0])), db["addressbooks"].count_documents({})) == (20, 1, 1)


def test_a_repeated_key_adds_once(as_una: FlaskClient, ops_db: Database) -> None:
    headers = {"Idempotency-Key": "one"}
    first = as_una.post(PATH, json=HOME, headers=headers)
    assert as_una.post(PATH, json=HOME, headers=headers).get_data() == first.get_data()
    ops_db["idempotencykeys"].delete_many({})  # as if the worker had died before it could keep its answer
    again = as_una.post(PATH, json=HOME, headers=headers)
    assert (again.status_code, again.json["data"]) == (201, first.json["data"])
    assert len(listed(as_una)) == 1


def test_what_is_somebody_elses_is_not_there(
    app: Flask, as_una: FlaskClient, as_other: FlaskClient, una: Document
) -> None:
    address = add(as_una)
    path = f"{PATH}/{address['_id']}"
    assert as_other.get(path).status_code == 404
    assert as_other.put(path, json={"city": "Bath"}).status_code == 404
    assert as_other.put(path, json={"isDefault": True}).status_code == 404
    assert as_other.delete(path).status_code == 404
    assert (listed(as_other), listed(as_una)) == ([], [address])
    with app.app_context(), pytest.raises(AddressNotFound):
        services.of(ObjectId(), ObjectId(address["_id"]))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"country": "Germany"}, "country"), ({"country": "D1"}, "country"), ({"phone": "call me"}, "phone"),
        ({"city": ""}, "city"), ({"city": {"$gt": ""}}, "city"), ({"fullName": "x" * 101}, "fullName"),
        ({"postalCode": "1\x002"}, "postalCode"), ({"zipCode": "1"}, "zipCode"), ({"name": "B"}, "name"),
        ({"isDefault": "yes"}, "isDefault"), ({"userId": "0" * 24}, "userId"), ({"_id": "0" * 24}, "_id"),
        ({"addresses.0.city": "x"}, "addresses.0.city"), ({"addressLine1": ["x"]}, "addressLine1"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(as_una: FlaskClient, db: Database, fields: Document, wrong: str) -> None:
    answer = as_una.post(PATH, json=HOME | fields)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, wrong)
    assert db["addressbooks"].count_documents({}) == 0


def test_everything_that_is_missing_is_said_at_once(as_una: FlaskClient) -> None:
    answer = as_una.post(PATH, json={})
    assert answer.status_code == 400
    named = {error["field"] for error in answer.json["errors"]}
    assert named == {"fullName", "phone", "addressLine1", "city", "postalCode"}


def test_nothing_is_asked_of_more_than_one_document(as_una: FlaskClient, db: Database) -> None:
    with profiled(db) as entries:
        address = add(as_una)
        path = f"{PATH}/{address['_id']}"
        assert [as_una.get(PATH).status_code, as_una.get(path).status_code] == [200, 200]
        assert as_una.put(path, json={"city": "Bath", "state": None}).status_code == 200
        assert as_una.delete(path).status_code == 200
    assert len(entries) > 6
    assert faults(entries) == []
