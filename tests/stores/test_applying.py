"""Becoming a seller: one application at a time, decided once, recorded, and again after a rejection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.stores.services import applying, deciding
from mixillo.core.security import Viewer
from mixillo.errors import AppError
from tests.factories.auth import client_of
from tests.factories.products import make_store
from tests.factories.users import make_user, unknown_id

BUSINESS = {
    "businessName": "Berg & Söhne", "businessType": "company", "description": "We turn wood.",
    "contactPhone": "+49 30 123456", "address": {"city": "Berlin", "country": "DE"}, "taxId": "DE123",
    "businessLicense": "HRB 1", "documents": ["https://cdn.example.com/a.pdf", "https://cdn.example.com/b.pdf"],
}  # fmt: skip
APPLY, APPLICATIONS = "/api/stores/apply", "/api/admin/seller-applications"
Document = dict[str, Any]


def apply(client: FlaskClient, **fields: Any) -> Document:
    answer = client.post(APPLY, json=BUSINESS | fields)
    assert answer.status_code == 201, answer.json
    application: Document = answer.json["data"]["application"]
    return application


def decide(admin: FlaskClient, application: Document, how: str, **body: Any) -> Any:
    return admin.post(f"{APPLICATIONS}/{application['_id']}/{how}", json=body or None)


def together(app: Flask, count: int, work: Callable[[int], Any]) -> list[Any]:
    """Do ``work`` so many times at once; return what comes of it, or the code of the error."""
    begin = Barrier(count)

    def do(number: int) -> Any:
        with app.app_context():
            begin.wait()
            try:
                return work(number)
            except AppError as error:
                return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(do, range(count)))


def test_an_application_waits_with_all_that_was_handed_in(
    as_una: FlaskClient, as_ada: FlaskClient, una: Document
) -> None:
    application = apply(as_una)
    assert {name: application[name] for name in BUSINESS if name != "address"} == {
        name: value for name, value in BUSINESS.items() if name != "address"
    }
    assert (application["status"], application["contactEmail"]) == ("pending", una["email"])
    assert application["address"]["city"] == "Berlin"
    assert as_una.get(APPLY).json["data"]["application"] == application
    (waiting,) = as_ada.get(APPLICATIONS).json["data"]["applications"]
    assert (waiting["_id"], waiting["user"]["username"]) == (application["_id"], una["username"])
    assert as_ada.get(f"{APPLICATIONS}/{application['_id']}").json["data"]["application"] == waiting


def test_whoever_never_applied_has_no_application(as_una: FlaskClient) -> None:
    assert (as_una.get(APPLY).status_code, as_una.get(APPLY).json["code"]) == (404, "application_not_found")


def test_there_is_one_open_application_at_a_time(as_una: FlaskClient, db: Database) -> None:
    apply(as_una)
    again = as_una.post(APPLY, json=BUSINESS)
    assert (again.status_code, again.json["code"]) == (409, "application_open")
    db["sellerapplications"].update_one({}, {"$set": {"status": "under_review"}})
    assert as_una.post(APPLY, json=BUSINESS).json["code"] == "application_open"
    assert db["sellerapplications"].count_documents({}) == 1


def test_many_applications_at_once_are_one(app: Flask, una: Document, db: Database, monkeypatch: Any) -> None:
    transact = applying.transact
    monkeypatch.setattr(applying, "transact", lambda work, turns_of: transact(work))  # as in several processes
    outcomes = together(app, 8, lambda _: applying.apply(una["_id"], dict(BUSINESS), ObjectId())["status"])
    assert (outcomes.count("pending"), outcomes.count("application_open")) == (1, 7)
    assert db["sellerapplications"].count_documents({}) == 1


def test_a_repeated_key_applies_once(as_una: FlaskClient, ops_db: Database, db: Database) -> None:
    headers = {"Idempotency-Key": "one"}
    first = as_una.post(APPLY, json=BUSINESS, headers=headers)
    assert as_una.post(APPLY, json=BUSINESS, headers=headers).get_data() == first.get_data()
    ops_db["idempotencykeys"].delete_many({})  # as if the worker had died before it could keep its answer
    again = as_una.post(APPLY, json=BUSINESS, headers=headers)
    assert (again.status_code, again.json["data"]) == (201, first.json["data"])
    assert db["sellerapplications"].count_documents({}) == 1


def test_sellers_with_a_store_need_not_apply_and_administrators_cannot(
    as_sam: FlaskClient, as_ada: FlaskClient
) -> None:
    assert as_sam.post(APPLY, json=BUSINESS).json["code"] == "already_seller"
    assert as_ada.post(APPLY, json=BUSINESS).status_code == 403


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"businessName": "x"}, "businessName"), ({"businessType": "gang"}, "businessType"),
        ({"documents": ["javascript:alert(1)"]}, "documents.0"),
        ({"documents": ["https://a.example"] * 11}, "documents"),
        ({"contactEmail": "x"}, "contactEmail"), ({"address": {"planet": "Mars"}}, "address.planet"),
        ({"status": "approved"}, "status"), ({"userId": "0" * 24}, "userId"), ({"storeId": "0" * 24}, "storeId"),
        ({"reviewedBy": "0" * 24}, "reviewedBy"), ({"businessName": {"$gt": ""}}, "businessName"),
        ({"contactPhone": "call"}, "contactPhone"), ({"_id": "0" * 24}, "_id"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(as_una: FlaskClient, db: Database, fields: Document, wrong: str) -> None:
    answer = as_una.post(APPLY, json=BUSINESS | fields)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, wrong)
    assert db["sellerapplications"].count_documents({}) == 0


def test_approval_opens_a_store_and_makes_a_seller_who_can_sell(
    as_una: FlaskClient, as_ada: FlaskClient, una: Document, ada: Document, db: Database, ops_db: Database
) -> None:
    application = apply(as_una)
    answer = decide(as_ada, application, "approve")
    assert answer.status_code == 200, answer.json
    store, decided = answer.json["data"]["store"], answer.json["data"]["application"]
    assert (decided["status"], decided["storeId"], decided["reviewedBy"]) == ("approved", store["_id"], str(ada["_id"]))
    assert (store["name"], store["slug"], store["status"]) == ("Berg & Söhne", "berg-and-sohne", "active")
    assert (store["email"], store["taxId"], store["city"]) == (una["email"], "DE123", "Berlin")
    user = db["users"].find_one({"_id": una["_id"]})
    assert (user["role"], user["isSeller"], user["sellerStatus"], str(user["storeId"])) == (
        "seller", True, "approved", store["_id"],
    )  # fmt: skip
    entries = {entry["action"]: entry for entry in ops_db["auditlog"].find({"actor.id": str(ada["_id"])})}
    assert set(entries) == {"seller.approved", "seller.made"}
    assert entries["seller.made"]["changes"]["before"]["role"] == "user"
    product = {"name": "Bowl", "description": "Turned.", "price": 20}
    assert as_una.post("/api/products", json=product).status_code == 201
    assert as_una.get("/api/stores/mine").json["data"]["store"]["_id"] == store["_id"]


def test_approving_again_changes_nothing(
    as_una: FlaskClient, as_ada: FlaskClient, db: Database, ops_db: Database
) -> None:
    application = apply(as_una)
    first = decide(as_ada, application, "approve")
    again = decide(as_ada, application, "approve")
    assert (again.status_code, again.json["data"]) == (200, first.json["data"])
    assert (db["stores"].count_documents({}), ops_db["auditlog"].count_documents({"action": "seller.approved"})) == (
        1,
        1,
    )


def test_many_approvals_at_once_open_one_store(
    app: Flask, as_una: FlaskClient, una: Document, ada: Document, db: Database, ops_db: Database
) -> None:
    application_id = ObjectId(apply(as_una)["_id"])
    admin = Viewer(ada["_id"], ada["username"], "admin", None)
    told: list[Any] = []
    with deciding.decided.connected_to(lambda _sender, **event: told.append(event)):
        stores = together(app, 8, lambda _: deciding.approve(admin, application_id)["store"]["_id"])
    assert (len(set(stores)), db["stores"].count_documents({}), len(told)) == (1, 1, 1)
    assert ops_db["auditlog"].count_documents({"action": "seller.approved"}) == 1


def test_approving_and_rejecting_at_once_has_one_outcome(
    app: Flask, as_una: FlaskClient, ada: Document, db: Database
) -> None:
    admin = Viewer(ada["_id"], ada["username"], "admin", None)
    application_id = ObjectId(apply(as_una)["_id"])
    outcomes = together(
        app,
        8,
        lambda n: (
            deciding.approve(admin, application_id) if n % 2 else deciding.reject(admin, application_id, "No", None)
        ),
    )
    status = db["sellerapplications"].find_one({})["status"]
    assert outcomes.count("application_decided") == 4
    assert db["stores"].count_documents({}) == (1 if status == "approved" else 0)


def test_rejection_says_why_and_one_may_apply_again(
    as_una: FlaskClient, as_ada: FlaskClient, una: Document, db: Database, ops_db: Database
) -> None:
    application = apply(as_una)
    told: list[Any] = []
    with deciding.decided.connected_to(lambda _sender, **event: told.append(event)):
        answer = decide(as_ada, application, "reject", reason="The license has expired.", notes="Looks honest.")
        again = decide(as_ada, application, "reject", reason="Another reason.")
    assert (answer.status_code, again.json["data"]) == (200, answer.json["data"])
    assert [(event["status"], event["reason"]) for event in told] == [("rejected", "The license has expired.")]
    assert answer.json["data"]["application"]["reviewNotes"] == "Looks honest."
    own = as_una.get(APPLY).json["data"]["application"]
    assert (own["status"], own["rejectionReason"]) == ("rejected", "The license has expired.")
    assert "reviewNotes" not in own
    assert ops_db["auditlog"].count_documents({"action": "seller.rejected"}) == 1
    user = db["users"].find_one({"_id": una["_id"]})
    assert (user["role"], user["sellerStatus"], db["stores"].count_documents({})) == ("user", "rejected", 0)
    second = apply(as_una)
    assert (second["_id"] != application["_id"], as_una.get(APPLY).json["data"]["application"]) == (True, second)
    assert decide(as_ada, second, "approve").status_code == 200
    assert db["users"].find_one({"_id": una["_id"]})["role"] == "seller"


def test_a_decision_is_not_turned_round(as_una: FlaskClient, as_ada: FlaskClient, app: Flask, db: Database) -> None:
    approved = apply(as_una)
    decide(as_ada, approved, "approve")
    assert decide(as_ada, approved, "reject", reason="No").json["code"] == "application_decided"
    rejected = apply(client_of(app, make_user(db)))
    decide(as_ada, rejected, "reject", reason="No")
    assert decide(as_ada, rejected, "approve").json["code"] == "application_decided"
    assert db["stores"].count_documents({}) == 1


def test_a_rejection_needs_a_reason(as_una: FlaskClient, as_ada: FlaskClient) -> None:
    assert decide(as_ada, apply(as_una), "reject", notes="x").json["errors"][0]["field"] == "reason"


def test_only_administrators_decide(as_una: FlaskClient, as_sam: FlaskClient, una: Document, db: Database) -> None:
    application = apply(as_una)
    for client in (as_una, as_sam):
        assert decide(client, application, "approve").status_code == 403
        assert decide(client, application, "reject", reason="x").status_code == 403
        assert client.get(APPLICATIONS).status_code == 403
        assert client.put(f"/api/admin/users/{una['_id']}/make-seller").status_code == 403
    assert db["users"].find_one({"_id": una["_id"]})["role"] == "user"


def test_nobody_decides_about_what_is_not_there(as_ada: FlaskClient) -> None:
    for path in ("approve", "reject"):
        answer = as_ada.post(
            f"{APPLICATIONS}/{unknown_id()}/{path}", json={"reason": "x"} if path == "reject" else None
        )
        assert answer.status_code == 404
    assert as_ada.get(f"{APPLICATIONS}/{unknown_id()}").status_code == 404
    assert as_ada.put(f"/api/admin/users/{unknown_id()}/make-seller").status_code == 404


def test_make_seller_gives_a_store_once(as_ada: FlaskClient, una: Document, db: Database, ops_db: Database) -> None:
    path = f"/api/admin/users/{una['_id']}/make-seller"
    first, again = as_ada.put(path), as_ada.put(path)
    data = first.json["data"]
    assert (data["storeCreated"], data["store"]["slug"], data["user"]["role"]) == (True, "una-berg", "seller")
    assert (again.json["data"]["storeCreated"], again.json["data"]["store"]) == (False, data["store"])
    made = as_ada.post(path)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/stores/una-berg")
    assert db["stores"].count_documents({}) == 1
    assert ops_db["auditlog"].count_documents({"action": "seller.made"}) == 1


def test_make_seller_approves_what_waits(as_una: FlaskClient, as_ada: FlaskClient, una: Document) -> None:
    apply(as_una)
    data = as_ada.put(f"/api/admin/users/{una['_id']}/make-seller").json["data"]
    assert data["store"]["name"] == "Berg & Söhne"
    assert as_una.get(APPLY).json["data"]["application"]["status"] == "approved"


def test_an_administrator_who_gets_a_store_stays_one(as_ada: FlaskClient, db: Database) -> None:
    boss = make_user(db, role="superadmin")
    as_ada.put(f"/api/admin/users/{boss['_id']}/make-seller")
    stored = db["users"].find_one({"_id": boss["_id"]})
    assert (stored["role"], stored["isSeller"]) == ("superadmin", True)


@pytest.mark.parametrize("name", ["Linen and Clay", "Mine", "Apply", "ADMIN", "0123456789abcdef01234567", "!!!", "★★"])
def test_slugs_are_free_and_never_what_paths_mean(
    as_una: FlaskClient, as_ada: FlaskClient, db: Database, name: str
) -> None:
    make_store(db, slug="linen-and-clay")
    store = decide(as_ada, apply(as_una, businessName=name), "approve").json["data"]["store"]
    assert store["slug"].endswith(f"-{store['_id'][-6:]}")
    assert as_una.get(f"/api/stores/{store['slug']}").json["data"]["store"]["_id"] == store["_id"]


def test_lists_of_applications_are_by_status_longest_waiting_first(
    app: Flask, as_ada: FlaskClient, db: Database
) -> None:
    made = [apply(client_of(app, make_user(db)))["_id"] for _ in range(4)]
    decide(as_ada, {"_id": made[1]}, "reject", reason="No")
    first = as_ada.get(f"{APPLICATIONS}?limit=2").json["data"]
    rest = as_ada.get(f"{APPLICATIONS}?limit=2&cursor={first['pagination']['nextCursor']}").json["data"]
    assert [each["_id"] for each in first["applications"] + rest["applications"]] == [made[0], made[2], made[3]]
    rejected = as_ada.get(f"{APPLICATIONS}?status=rejected").json["data"]
    assert [each["_id"] for each in rejected["applications"]] == [made[1]]
