"""Stores: found while they are open, changed by their sellers, flagged and listed by administrators."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.products import make_product, make_store
from tests.factories.users import make_user
from tests.stores.asking import Document, names, page


def test_a_store_is_found_by_slug_and_id_with_what_it_sells(client: FlaskClient, store: Document, db: Database) -> None:
    made = [make_product(db, store, createdAt=clock.now() - timedelta(minutes=n)) for n in range(3)]
    make_product(db, store, isPublished=False, status="draft")
    make_product(db)
    data = page(client)
    assert page(client, str(store["_id"])) == data
    assert (data["store"]["name"], data["store"]["isFollowing"]) == ("Linen and Clay", False)
    assert [product["_id"] for product in data["products"]] == [str(product["_id"]) for product in made]
    listed = client.get("/api/stores/linen-and-clay/products?sortBy=price&limit=2").json["data"]
    assert (len(listed["products"]), listed["pagination"]["total"]) == (2, 3)


def test_what_is_private_about_a_store_is_in_no_public_answer(app: Flask, client: FlaskClient, db: Database) -> None:
    secret = {
        "email": "secret@example.com", "phone": "+1 555 0000", "taxId": "TAX-1", "businessLicense": "LIC-1",
        "address": {"street": "Secret Street 1", "city": "Utrecht", "country": "NL"}, "totalRevenue": 98_765,
        "rejectionReason": "secret reason",
    }  # fmt: skip
    store = make_store(db, **secret)
    for path in ("/api/stores", f"/api/stores/{store['slug']}"):
        text = client.get(path).get_data(as_text=True)
        assert store["name"] in text
        assert not [word for word in ("secret", "555", "TAX-1", "LIC-1", "Secret", "98765") if word in text]


@pytest.mark.parametrize("status", ["pending", "suspended", "closed"])
def test_a_store_that_is_not_open_is_found_by_its_seller_and_administrators_only(
    client: FlaskClient, as_una: FlaskClient, as_sam: FlaskClient, as_ada: FlaskClient, store: Document, db: Database,
    status: str,
) -> None:  # fmt: skip
    db["stores"].update_one({"_id": store["_id"]}, {"$set": {"status": status}})
    for path in ("/api/stores/linen-and-clay", f"/api/stores/{store['_id']}", "/api/stores/linen-and-clay/products"):
        assert client.get(path).status_code == 404
    assert as_una.post("/api/stores/linen-and-clay/follow").status_code == 404
    assert names(client.get("/api/stores")) == []
    assert as_sam.get("/api/stores/mine").json["data"]["store"]["status"] == status
    assert names(as_ada.get(f"/api/stores/admin/all?status={status}")) == ["Linen and Clay"]


def test_lists_narrow_down_and_come_in_the_order_asked_for(client: FlaskClient, db: Database) -> None:
    now = clock.now()
    for number, name in enumerate(("Oak", "Elm", "Ash")):
        make_store(
            db, name=name, slug=name.lower(), createdAt=now - timedelta(days=number), followersCount=number,
            rating=5 - number, totalSales=number % 2, isVerified=name != "Elm", isFeatured=name == "Ash",
        )  # fmt: skip
    assert names(client.get("/api/stores")) == ["Oak", "Elm", "Ash"]
    assert names(client.get("/api/stores?sortBy=-followersCount")) == ["Ash", "Elm", "Oak"]
    assert names(client.get("/api/stores?sortBy=-rating")) == ["Oak", "Elm", "Ash"]
    assert names(client.get("/api/stores?sortBy=-totalSales"))[0] == "Elm"
    assert names(client.get("/api/stores?isVerified=true")) == ["Oak", "Ash"]
    assert names(client.get("/api/stores?isFeatured=true")) == ["Ash"]
    assert names(client.get("/api/stores?search=el")) == names(client.get("/api/stores?search=ELM!")) == ["Elm"]
    assert names(client.get("/api/stores?search=.*")) == names(client.get("/api/stores?search=$regex")) == []
    first = client.get("/api/stores?limit=2").json["data"]["pagination"]
    assert (first["total"], names(client.get(f"/api/stores?limit=2&cursor={first['nextCursor']}"))) == (3, ["Ash"])
    assert client.get("/api/stores?sortBy=email").status_code == 400


def test_sellers_change_their_own_store_and_the_rest_stays(as_sam: FlaskClient, store: Document, db: Database) -> None:
    db["stores"].update_one({"_id": store["_id"]}, {"$set": {"address": {"city": "Utrecht", "country": "NL"},
                                                             "tagline": "Old", "policies": None}})  # fmt: skip
    changes = {
        "name": "$Linen", "tagline": None, "address": {"street": "Oudegracht 1", "city": None},
        "socialLinks": {"instagram": "@linen"}, "policies": {"returns": "$30 days"}, "phone": "+31 30 123456",
    }  # fmt: skip
    answer = as_sam.put("/api/stores/linen-and-clay", json=changes)
    assert answer.status_code == 200, answer.json
    changed = answer.json["data"]["store"]
    assert (changed["name"], changed["slug"], changed["tagline"]) == ("$Linen", "linen-and-clay", None)
    assert changed["address"] == {
        "street": "Oudegracht 1",
        "city": None,
        "state": None,
        "postalCode": None,
        "country": "NL",
    }
    assert (changed["policies"]["returns"], changed["socialLinks"]["instagram"]) == ("$30 days", "@linen")
    assert as_sam.get("/api/stores/mine").json["data"]["store"] == changed


@pytest.mark.parametrize(
    "field",
    ["status", "isVerified", "isFeatured", "rating", "reviewsCount", "followersCount", "productsCount", "totalSales",
     "totalRevenue", "sellerId", "slug", "_id", "approvedBy", "taxId", "businessLicense", "businessType", "$set"],
)  # fmt: skip
def test_nobody_sends_what_is_not_theirs_to_say(
    as_sam: FlaskClient, as_ada: FlaskClient, store: Document, field: str, db: Database
) -> None:
    before = db["stores"].find_one({"_id": store["_id"]})
    for client in (as_sam, as_ada):
        assert client.put("/api/stores/linen-and-clay", json={field: 5}).status_code == 400
    assert db["stores"].find_one({"_id": store["_id"]}) == before


def test_what_is_somebody_elses_is_not_there(app: Flask, as_una: FlaskClient, store: Document, db: Database) -> None:
    other = make_user(db, role="seller")
    make_store(db, other)
    client = client_of(app, other)
    for path in ("/api/stores/linen-and-clay", f"/api/stores/{store['_id']}"):
        assert client.put(path, json={"name": "Mine now"}).status_code == 404
        assert client.get(f"{path}/stats").status_code == 404
        assert as_una.put(path, json={"name": "Mine now"}).status_code == 403
    assert db["stores"].find_one({"_id": store["_id"]}) == store | {"followersCount": 0}


def test_an_administrators_change_is_recorded(as_ada: FlaskClient, store: Document, ops_db: Database) -> None:
    assert as_ada.put("/api/stores/linen-and-clay", json={"name": "Linen"}).status_code == 200
    (entry,) = ops_db["auditlog"].find({"action": "store.changed"})
    assert entry["changes"] == {"before": {"name": "Linen and Clay"}, "after": {"name": "Linen"}}


def test_flags_are_set_one_by_one_and_recorded(as_ada: FlaskClient, db: Database, ops_db: Database) -> None:
    store = make_store(db, isVerified=False)
    path = f"/api/stores/admin/{store['_id']}/flags"
    verified = as_ada.put(path, json={"isVerified": True}).json["data"]["store"]
    assert (verified["isVerified"], verified["isFeatured"], verified["verifiedAt"] is not None) == (True, False, True)
    featured = as_ada.put(path, json={"isFeatured": True, "isVerified": False}).json["data"]["store"]
    assert (featured["isVerified"], featured["isFeatured"], featured["verifiedAt"]) == (False, True, None)
    assert as_ada.put(path, json={}).status_code == 400
    assert ops_db["auditlog"].count_documents({"action": "store.flagged"}) == 2


def test_administrators_list_and_count_all_stores(as_ada: FlaskClient, as_sam: FlaskClient, db: Database) -> None:
    for status in ("pending", "suspended", "closed"):
        make_store(db, name=status.title(), slug=f"is-{status}", status=status)
    assert as_ada.get("/api/stores/admin/stats").json["data"] == {
        "total": 4, "pending": 1, "active": 1, "suspended": 1, "closed": 1,
    }  # fmt: skip
    assert len(names(as_ada.get("/api/stores/admin/all"))) == 4
    assert names(as_ada.get("/api/stores/admin/all?search=is-c")) == ["Closed"]
    older = as_ada.get("/api/admin/stores?status=pending")
    assert (names(older), older.headers["Link"]) == (["Pending"], '</api/stores/admin/all>; rel="successor-version"')
    assert as_sam.get("/api/stores/admin/all").status_code == 403
