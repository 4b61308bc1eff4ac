"""A deleted account leaves what others and the books need, and nobody can tell whose it was."""

from datetime import timedelta
from typing import Any

import pytest
from bson import Int64, ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.privacy.services import erasing, owning, scheduling
from mixillo.blueprints.wallets.queries import books
from mixillo.core import clock, realtime
from mixillo.ops.integrity import declared
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.users import PASSWORD, counters, make_follow, make_user
from tests.plans import faults, profiled

Document = dict[str, Any]
DELETION = "/api/privacy/deletion"
# None of which random tokens hold.
NAMES = ("lovelace", "'ada'", "@ada", "i count", "7946 0000", "s-7f3a", "square")


def erase(app: Flask, user: Document) -> None:
    with app.app_context():
        erasing.erase(user["_id"])


def everything(*databases: Database) -> str:
    """Return all documents as one text in lower case, but those that only ever grow."""
    found = []
    for database in databases:
        for name in database.list_collection_names():
            if name not in ("auditlog", "migrations", "jobs"):
                found += [str(document) for document in database[name].find()]
    return "\n".join(found).lower()


@pytest.fixture
def lived(db: Database, as_ada: FlaskClient, ada: Document, bob: Document) -> Document:
    """Ada has left something everywhere; return Bob's post."""
    his, hers = make_post(db, bob), make_post(db, ada, caption="Lovelace at the square")
    make_follow(db, ada, bob)
    make_follow(db, bob, ada)
    for path in ("like", "save", "share"):
        assert as_ada.post(f"/api/content/{his['_id']}/{path}").status_code == 200
    assert as_ada.post(f"/api/content/{his['_id']}/comments", json={"text": "Lovelace was here"}).status_code == 201
    db["likes"].insert_one({"userId": bob["_id"], "contentId": hers["_id"]})
    event = {"eventType": "page_view", "sessionId": "s-7f3a", "data": {"name": "Lovelace"}}
    assert as_ada.post("/api/events", json={"events": [event]}).status_code == 202
    db["addressbooks"].insert_one({"userId": ada["_id"], "addressLine1": "12 St James's Square"})
    db["messages"].insert_one({"senderId": ada["_id"], "text": "It is me, Lovelace"})
    address = {"fullName": "Ada Lovelace", "addressLine1": "12 St James's Square", "country": "GB"}
    db["orders"].insert_one({"userId": ada["_id"], "status": "delivered", "total": 5.0, "shippingAddress": address})
    db["reviews"].insert_one(
        {"userId": ada["_id"], "productId": ObjectId(), "rating": 4, "comment": "Lovelace likes it"}
    )
    wallet = {"userId": ada["_id"], "currency": "coins", "balance": Int64(70)}
    db["wallets"].insert_one(wallet)
    db["transactions"].insert_many(
        [{"userId": bob["_id"], "relatedUserId": ada["_id"], "type": "transfer", "description": "From @ada"},
         {"userId": ada["_id"], "type": "gift_received", "amount": Int64(70), "createdAt": clock.now()}]
    )  # fmt: skip
    gift = {"senderId": ada["_id"], "recipientId": bob["_id"], "message": "Love, Lovelace", "totalCost": Int64(5)}
    db["gifttransactions"].insert_one(gift)
    db["notifications"].insert_many(
        [{"userId": bob["_id"], "body": "@ada likes it", "senderId": ada["_id"]},
         {"userId": bob["_id"], "body": "@ada and @bob like it", "senderId": bob["_id"], "actors": [ada["_id"]]}]
    )  # fmt: skip
    db["useranalytics"].insert_one({"user": ada["_id"], "date": clock.now()})
    db["searchqueries"].insert_one({"userId": ada["_id"], "query": "who is lovelace"})
    return his


def test_nothing_tells_who_it_was(app: Flask, db: Database, ops_db: Database, lived: Document, ada: Document) -> None:
    assert all(name in everything(db, ops_db) for name in NAMES)
    erase(app, ada)
    left = everything(db, ops_db)
    assert [name for name in NAMES if name in left] == []


def test_what_others_and_the_books_need_stays(app: Flask, db: Database, lived: Document, ada: Document) -> None:
    erase(app, ada)
    order = db["orders"].find_one({"userId": ada["_id"]})
    assert order
    assert (order["total"], order["shippingAddress"]) == (5.0, {"country": "GB"})
    assert db["reviews"].find_one({})["rating"] == 4
    assert db["gifttransactions"].find_one({})["totalCost"] == 5
    assert db["transactions"].find_one({"type": "gift_received"})["amount"] == 70
    wallet = db["wallets"].find_one({"userId": ada["_id"]})
    assert wallet
    assert (wallet["balance"], wallet["isLocked"]) == (70, True)
    assert db["messages"].find_one({})["text"] == owning.GONE
    assert db["comments"].find_one({})["text"] == owning.GONE
    shell = db["users"].find_one({"_id": ada["_id"]})
    assert shell
    assert shell["fullName"] == "Deleted user"
    assert shell["deletedAt"]
    (event,) = db["eventtrackings"].find()
    assert event["eventType"] == "page_view"
    assert "user" not in event


def test_counters_still_equal_rows(app: Flask, db: Database, lived: Document, ada: Document, bob: Document) -> None:
    erase(app, ada)
    post = db["contents"].find_one({"_id": lived["_id"]})
    assert post
    for name in ("likes", "saves", "shares"):
        assert post[f"{name}Count"] == db[name].count_documents({"contentId": lived["_id"]}) == 0
    assert post["commentsCount"] == db["comments"].count_documents({"contentId": lived["_id"]}) == 1
    assert counters(db, bob) == (0, 0)
    assert db["users"].find_one({"_id": bob["_id"]})["likesReceivedCount"] == 0
    assert db["follows"].count_documents({}) == 0


def test_a_deletion_that_was_cut_off_is_gone_on_with(
    app: Flask, db: Database, ops_db: Database, lived: Document, ada: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before each of its steps, and begun again: the outcome is the same."""
    done = 0
    work_of = erasing._work_of

    class Killed(BaseException):
        pass

    steps = len(owning.belonging())
    for number in range(0, steps, 7):

        def killed_at(reference: Any, at: int = number) -> Any:
            nonlocal done
            done += 1
            if done > at:
                raise Killed
            return work_of(reference)

        done = 0
        with monkeypatch.context() as patched:
            patched.setattr(erasing, "_work_of", killed_at)
            with pytest.raises(Killed):
                erase(app, ada)
        assert db["users"].find_one({"_id": ada["_id"]})["fullName"] == "Ada Lovelace"
    erase(app, ada)
    left = everything(db, ops_db)
    assert [name for name in NAMES if name in left] == []
    assert db["contents"].find_one({"_id": lived["_id"]})["likesCount"] == 0


def test_two_who_joined_at_the_same_moment_can_both_be_deleted(app: Flask, db: Database) -> None:
    first = ObjectId()
    second = ObjectId(first.binary[:-1] + bytes([first.binary[-1] ^ 1]))
    for user_id in (first, second):
        erase(app, make_user(db, _id=user_id))
    assert len(db["users"].distinct("username")) == 2


def test_who_is_deleted_is_signed_out_and_not_found(
    app: Flask, client: FlaskClient, as_ada: FlaskClient, ada: Document
) -> None:
    heard: list[tuple[str, str]] = []

    def hear(event: str, *, room: str) -> None:
        heard.append((event, room))

    with realtime.emitted.connected_to(hear):
        erase(app, ada)
    assert [name for name, _room in heard] == ["session:ended"], "sockets are told, and cut"
    assert as_ada.get("/api/auth/me").status_code == 401
    assert client.post("/api/auth/login", json={"identifier": "ada", "password": PASSWORD}).status_code == 401
    assert client.get(f"/api/users/{ada['_id']}").status_code == 404


def test_an_account_is_deleted_two_weeks_after_its_owner_said_so_with_the_password(
    app: Flask, as_ada: FlaskClient, db: Database, ada: Document
) -> None:
    assert as_ada.post(DELETION, json={"password": "wrong"}).status_code == 400
    assert as_ada.get(DELETION).json["data"]["deletion"] == {"requested": False, "scheduledFor": None}
    asked = as_ada.post(DELETION, json={"password": PASSWORD})
    assert asked.status_code == 202
    assert as_ada.post(DELETION, json={"password": PASSWORD}).json == asked.json, "asking again moves nothing"
    with app.app_context():
        assert scheduling.erase_when_due(clock.now() + timedelta(days=13)) == 0
        assert as_ada.get("/api/auth/me").status_code == 200
        assert scheduling.erase_when_due(clock.now() + timedelta(days=15)) == 1
        assert scheduling.erase_when_due(clock.now() + timedelta(days=15)) == 0
    assert db["users"].find_one({"_id": ada["_id"]})["fullName"] == "Deleted user"


def test_it_can_be_taken_back(app: Flask, as_ada: FlaskClient) -> None:
    as_ada.post(DELETION, json={"password": PASSWORD})
    assert as_ada.delete(DELETION).json["data"]["deletion"]["requested"] is False
    with app.app_context():
        assert scheduling.erase_when_due(clock.now() + timedelta(days=15)) == 0
    assert as_ada.get("/api/auth/me").status_code == 200


@pytest.mark.parametrize(
    ("collection", "fields", "reason"),
    [
        ("orders", {"userId": "ada", "status": "shipped"}, "open_orders"),
        ("orders", {"fulfilments": [{"sellerId": "ada", "status": "pending"}]}, "open_sales"),
        ("stores", {"sellerId": "ada", "status": "active"}, "open_store"),
    ],
)
def test_what_is_open_stands_in_the_way(
    app: Flask, as_ada: FlaskClient, db: Database, ada: Document, collection: str, fields: Document, reason: str
) -> None:
    def hers(value: Any) -> Any:
        if isinstance(value, list):
            return [{name: hers(each) for name, each in entry.items()} for entry in value]
        return ada["_id"] if value == "ada" else value

    db[collection].insert_one({name: hers(value) for name, value in fields.items()})
    answer = as_ada.post(DELETION, json={"password": PASSWORD})
    assert (answer.status_code, answer.json["reasons"]) == (409, [reason])
    db["users"].update_one({"_id": ada["_id"]}, {"$set": {"deletionScheduledFor": clock.now()}})
    with app.app_context():
        assert scheduling.erase_when_due(clock.now()) == 0
    assert as_ada.get("/api/auth/me").status_code == 200


def test_payouts_on_their_way_stand_in_the_way(
    app: Flask, as_ada: FlaskClient, db: Database, ops_db: Database, ada: Document
) -> None:
    wallet_id = db["wallets"].insert_one({"userId": ada["_id"], "currency": "USD"}).inserted_id
    ops_db["holds"].insert_one({"state": "open", "debit": wallet_id})
    answer = as_ada.post(DELETION, json={"password": PASSWORD})
    assert answer.json["reasons"] == ["pending_payouts"]


def test_the_books_still_balance(app: Flask, db: Database, ada: Document, bob: Document) -> None:
    admin = client_of(app, make_user(db, role="admin"))
    funds = {"amount": 100, "description": "for a start"}
    assert admin.post(f"/api/wallets/{ada['_id']}/add-funds", json=funds).status_code in (200, 201)
    erase(app, ada)
    with app.app_context():
        assert books.reconcile().is_clean


def test_every_reference_to_people_says_what_deleting_them_does() -> None:
    kept = {
        reference.collection for reference in owning.owned() if reference.policy not in (owning.DELETE, owning.NULLIFY)
    }
    assert kept - owning.BLANKED.keys() == set(), "say in BLANKED what of these is blanked"
    known = {reference.collection for reference in declared.references()}
    assert owning.BLANKED.keys() - known == set()


def test_looking_for_who_is_due_reads_no_accounts(app: Flask, db: Database) -> None:
    for _ in range(30):
        make_user(db)
    with app.app_context(), profiled(db) as entries:
        scheduling.erase_when_due(clock.now())
    assert entries
    assert faults(entries) == []
