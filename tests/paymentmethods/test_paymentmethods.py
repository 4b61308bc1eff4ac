"""Payment methods: by the provider's token alone, so many and no more, always one default."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from pymongo.database import Database

from mixillo.blueprints.paymentmethods import services
from mixillo.blueprints.paymentmethods.schemas import refuse_card_numbers
from mixillo.core import clock
from mixillo.errors import AppError
from mixillo.ops.migrations import discover
from tests.plans import faults, profiled

PATH = "/api/user/payment-methods"
VISA = {"brand": "visa", "last4": "4242", "expiryMonth": 12, "expiryYear": 2099}
CARD = {"type": "credit_card", "provider": "stripe", "providerId": "pm_1", "card": VISA}
ACCOUNT = {"bankName": "Bank of England", "accountType": "checking", "last4": "6789"}
NUMBER = "4242424242424242"
Document = dict[str, Any]


def add(client: FlaskClient, token: str = "pm_1", **fields: Any) -> Document:
    answer = client.post(PATH, json=CARD | {"providerId": token} | fields)
    assert answer.status_code == 201, answer.json
    method: Document = answer.json["data"]["paymentMethod"]
    assert answer.headers["Location"] == f"{PATH}/{method['_id']}"
    return method


def listed(client: FlaskClient) -> list[Document]:
    answer = client.get(PATH)
    assert answer.status_code == 200
    methods: list[Document] = answer.json["data"]["paymentMethods"]
    return methods


def defaults(client: FlaskClient) -> list[str]:
    return [method["_id"] for method in listed(client) if method["isDefault"]]


def test_what_is_stored_is_the_token_and_what_is_on_a_receipt(as_una: FlaskClient, una: Document, db: Database) -> None:
    method = add(as_una, nickname="Blue one")
    assert (method["card"], method["isDefault"], method["nickname"]) == (VISA, True, "Blue one")
    assert "providerId" not in method
    stored = db["paymentmethods"].find_one({})
    assert {name: stored[name] for name in stored if name not in ("_id", "createdAt", "updatedAt")} == {
        "userId": una["_id"], "type": "credit_card", "provider": "stripe", "providerId": "pm_1", "card": VISA,
        "isDefault": True, "isActive": True, "isVerified": False, "nickname": "Blue one",
    }  # fmt: skip


def test_accounts_and_others_are_kept_too(as_una: FlaskClient) -> None:
    account = as_una.post(PATH, json={"type": "bank_account", "provider": "stripe", "providerId": "ba_1",
                                      "bankAccount": ACCOUNT}).json["data"]["paymentMethod"]  # fmt: skip
    paypal = as_una.post(PATH, json={"type": "paypal", "provider": "paypal", "providerId": "B-5YM51480"})
    assert (account["bankAccount"], account["card"]) == (ACCOUNT, None)
    assert (paypal.status_code, paypal.json["data"]["paymentMethod"]["isDefault"]) == (201, False)


HIDDEN = (
    NUMBER, "4242 4242 4242 4242", "4242-4242-4242-4242", "4242.4242.4242.4242", "4242_4242_4242_4242",
    "378282246310005",
    "4242​4242​4242​4242", "４２４２４２４２４２４２４２４２", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "my card 4242/4242/4242/4242 thanks",
    "4242424242424241", 4242424242424242, "424242424242", "④②④②④②④②④②④②④②④②",
)  # fmt: skip
PLACES: tuple[Document, ...] = (
    {"nickname": "?"}, {"providerId": "?"}, {"card": VISA | {"brand": "?"}}, {"card": VISA | {"last4": "?"}},
    {"card": VISA | {"number": "?"}}, {"number": "?"}, {"card": VISA | {"expiryYear": "?"}}, {"extra": [{"a": ["?"]}]},
)  # fmt: skip


def filled(value: Any, number: Any) -> Any:
    if isinstance(value, dict):
        return {name: filled(inner, number) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, number) for inner in value]
    return number if value == "?" else value


@pytest.mark.parametrize("number", HIDDEN)
def test_the_number_of_a_card_is_refused_wherever_it_stands(as_una: FlaskClient, db: Database, number: Any) -> None:
    for place in (*PLACES, {"?": "x"}):
        body = CARD | (filled(place, number) if "?" not in place else {str(number): "x"})
        answer = as_una.post(PATH, json=body)
        assert answer.status_code == 400, place
        assert "Never send the number of a card" in answer.json["detail"], place
        assert str(number) not in answer.get_data(as_text=True), place
    assert db["paymentmethods"].count_documents({}) == 0


def test_the_number_of_a_card_is_refused_in_a_change(as_una: FlaskClient) -> None:
    method = add(as_una)
    answer = as_una.put(f"{PATH}/{method['_id']}", json={"nickname": NUMBER})
    assert answer.status_code == 400
    assert listed(as_una) == [method]


@given(st.lists(st.sampled_from([" ", "-", ".", "/", "\u200b", "_", ""]), min_size=15, max_size=15))
def test_no_separators_hide_the_number_of_a_card(between: list[str]) -> None:
    spelled = "".join(digit + gap for digit, gap in zip(NUMBER, [*between, ""], strict=True))
    with pytest.raises(ValidationError):
        refuse_card_numbers({"a": [spelled]})


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=3, max_size=60))
def test_what_has_no_digits_is_no_number_of_a_card(text: str) -> None:
    refuse_card_numbers({"providerId": text, "last4": "4242", "expiryYear": 2099})


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"card": VISA | {"last4": "42424"}}, "card.last4"), ({"card": VISA | {"cvc": "123"}}, "card.cvc"),
        ({"card": VISA | {"expiryMonth": 13}}, "card.expiryMonth"), ({"card": VISA | {"brand": ""}}, "card.brand"),
        ({"card": {"last4": "4242"}}, "card.brand"), ({"type": "cash"}, "type"), ({"provider": "me"}, "provider"),
        ({"providerId": "a b"}, "providerId"), ({"providerId": {"$gt": ""}}, "providerId"),
        ({"bankAccount": ACCOUNT}, "bankAccount"), ({"type": "paypal"}, "card"), ({"isVerified": True}, "isVerified"),
        ({"bankAccount": ACCOUNT | {"routingNumber": "110000000"}}, "bankAccount.routingNumber"),
        ({"userId": "a" * 24}, "userId"), ({"isActive": True}, "isActive"), ({"_id": "a" * 24}, "_id"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(as_una: FlaskClient, db: Database, fields: Document, wrong: str) -> None:
    answer = as_una.post(PATH, json=CARD | fields)
    assert answer.status_code == 400
    assert wrong in [error["field"] for error in answer.json["errors"]]
    assert db["paymentmethods"].count_documents({}) == 0


def test_a_card_without_its_card_is_refused(as_una: FlaskClient) -> None:
    bare = {name: value for name, value in CARD.items() if name != "card"}
    assert as_una.post(PATH, json=bare).json["errors"][0]["field"] == "card"


def test_an_expired_card_is_refused_and_one_of_this_month_is_not(as_una: FlaskClient) -> None:
    now = clock.now()
    this = VISA | {"expiryMonth": now.month, "expiryYear": now.year}
    before = VISA | {"expiryMonth": (now.month - 2) % 12 + 1, "expiryYear": now.year - (now.month == 1)}
    assert as_una.post(PATH, json=CARD | {"card": before}).json["errors"][0]["field"] == "card.expiryMonth"
    assert as_una.post(PATH, json=CARD | {"card": this}).status_code == 201


def test_the_same_token_is_one_payment_method(as_una: FlaskClient, as_other: FlaskClient) -> None:
    first = add(as_una)
    assert add(as_una) == first
    assert add(as_other)["_id"] != first["_id"]
    assert len(listed(as_una)) == 1


def test_there_is_one_default_whatever_comes(as_una: FlaskClient) -> None:
    made = [add(as_una, f"pm_{n}") for n in range(3)]
    assert defaults(as_una) == [made[0]["_id"]]
    fourth = add(as_una, "pm_3", isDefault=True)
    assert defaults(as_una) == [fourth["_id"]]
    changed = as_una.put(f"{PATH}/{made[1]['_id']}", json={"isDefault": True, "nickname": "Mine"})
    assert (changed.json["data"]["paymentMethod"]["nickname"], defaults(as_una)) == ("Mine", [made[1]["_id"]])
    as_una.put(f"{PATH}/{made[1]['_id']}", json={"isDefault": False})
    assert defaults(as_una) == [made[1]["_id"]]
    assert listed(as_una)[0]["_id"] == made[1]["_id"]
    assert as_una.delete(f"{PATH}/{made[1]['_id']}").status_code == 200
    assert defaults(as_una) == [fourth["_id"]]


def together(app: Flask, work: Any, items: list[Any]) -> list[Any]:
    """Do ``work`` with each of ``items`` at the same moment; return what comes of it, or the code of the error."""
    begin = Barrier(len(items))

    def do(item: Any) -> Any:
        with app.app_context():
            begin.wait()
            try:
                return work(item)
            except AppError as error:
                return error.code

    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(do, items))


@pytest.fixture
def no_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests of several processes: none waits for another."""
    transact = services.transact
    monkeypatch.setattr(services, "transact", lambda work, turns_of: transact(work))


def test_the_last_place_is_taken_once_by_requests_of_several_processes(
    app: Flask, una: Document, as_una: FlaskClient, no_turns: None
) -> None:
    with app.app_context():
        for number in range(services.MOST - 1):
            services.add(una["_id"], CARD | {"providerId": f"pm_{number}"})
    outcomes = together(
        app, lambda n: services.add(una["_id"], CARD | {"providerId": f"pm_{n}"})[1], [*range(100, 108)]
    )
    assert (outcomes.count(True), outcomes.count("too_many_payment_methods")) == (1, 7)
    assert (len(listed(as_una)), len(defaults(as_una))) == (services.MOST, 1)


def test_the_first_ones_of_several_processes_end_with_one_default(
    app: Flask, una: Document, as_una: FlaskClient, no_turns: None
) -> None:
    outcomes = together(app, lambda n: services.add(una["_id"], CARD | {"providerId": f"pm_{n}"})[1], [*range(6)])
    assert (outcomes, len(listed(as_una)), len(defaults(as_una))) == ([True] * 6, 6, 1)


def test_choices_of_several_processes_end_with_one_default(
    app: Flask, una: Document, as_una: FlaskClient, no_turns: None
) -> None:
    made = [ObjectId(add(as_una, f"pm_{n}")["_id"]) for n in range(7)]
    for _ in range(5):
        together(app, lambda each: services.change(una["_id"], each, {"isDefault": True}), made[1:])
        assert len(defaults(as_una)) == 1


def test_a_token_that_several_processes_bring_is_there_once(
    app: Flask, una: Document, as_una: FlaskClient, no_turns: None
) -> None:
    outcomes = together(app, lambda _: services.add(una["_id"], dict(CARD))[1], [None] * 6)
    assert (outcomes.count(True), len(listed(as_una))) == (1, 1)


def test_what_is_somebody_elses_is_not_there(as_una: FlaskClient, as_other: FlaskClient) -> None:
    method = add(as_una)
    path = f"{PATH}/{method['_id']}"
    assert as_other.get(path).status_code == 404
    assert as_other.put(path, json={"isDefault": True}).status_code == 404
    assert as_other.delete(path).status_code == 404
    assert (listed(as_other), listed(as_una)) == ([], [method])


def test_what_the_existing_system_left_reads_right_and_hides_numbers(
    as_una: FlaskClient, una: Document, db: Database
) -> None:
    old = {
        "userId": una["_id"], "type": "credit_card", "provider": "stripe", "isDefault": True, "isActive": True,
        "card": {"brand": "visa", "last4": "1111", "fingerprint": "f"}, "bankAccount": {"routingNumber": "110000000"},
    }  # fmt: skip
    db["paymentmethods"].insert_many([
        old | {"_id": ObjectId(), "createdAt": clock.now()}, old | {"_id": ObjectId(), "createdAt": clock.now()},
        old | {"_id": ObjectId(), "isActive": False, "createdAt": clock.now()},
    ])  # fmt: skip
    methods = listed(as_una)
    assert [method["isDefault"] for method in methods] == [True, False]
    text = as_una.get(PATH).get_data(as_text=True)
    assert "fingerprint" not in text
    assert "110000000" not in text


def test_every_query_uses_an_index(as_una: FlaskClient, db: Database) -> None:
    with profiled(db) as entries:
        made = [add(as_una, f"pm_{n}", isDefault=True) for n in range(3)]
        path = f"{PATH}/{made[0]['_id']}"
        assert [as_una.get(PATH).status_code, as_una.get(path).status_code] == [200, 200]
        assert as_una.put(path, json={"isDefault": True}).status_code == 200
        assert as_una.delete(path).status_code == 200
    assert len(entries) > 15
    assert faults(entries) == []


def test_the_index_comes_and_goes_beside_those_that_are_there(database: Database) -> None:
    (step,) = (migration for migration in discover() if migration.name.endswith("payment_methods"))
    database["paymentmethods"].create_index("userId")
    before = database["paymentmethods"].index_information()
    for direction in ("upgrade", "upgrade"):
        step.step(direction)(database, database.client[f"{database.name}_ops"])
    assert len(database["paymentmethods"].index_information()) == len(before) + 1
    for direction in ("downgrade", "downgrade"):
        step.step(direction)(database, database.client[f"{database.name}_ops"])
    assert database["paymentmethods"].index_information() == before
