"""Stores: found while they are open, changed by their sellers, followed, counted, closed and opened again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import Decimal128, ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products.services import selling
from mixillo.blueprints.stores.services import closing, upkeep
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.products import make_product, make_store
from tests.factories.users import make_user, unknown_id

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


def test_what_a_closed_store_sells_is_not_on_sale_and_comes_back_as_it_was(
    as_ada: FlaskClient, as_sam: FlaskClient, client: FlaskClient, store: Document, db: Database, ops_db: Database
) -> None:
    for name, fields in {
        "Bowl": {}, "Plate": {"status": "out_of_stock", "stock": 0}, "Draft": {"status": "draft", "isPublished": False},
        "Unpublished": {"isPublished": False},
    }.items():  # fmt: skip
        make_product(db, store, name=name, slug=name.lower(), **fields)
    make_product(db, name="Elsewhere")
    before = {p["name"]: (p["status"], p["isPublished"]) for p in db["products"].find()}
    for status in ("suspended", "closed"):
        answer = set_status(as_ada, store, status)
        assert answer.json["data"]["store"]["status"] == status
        assert on_sale(client) == ["Elsewhere"]
        assert client.get("/api/products/bowl").status_code == 404
        assert as_sam.post("/api/products", json={"name": "New", "description": "x", "price": 5}).status_code == 403
        assert set_status(as_ada, store, "active").status_code == 200
        after = {p["name"]: (p["status"], p["isPublished"]) for p in db["products"].find()}
        assert after == before
        assert db["products"].count_documents({"hiddenWithStore": {"$exists": True}}) == 0
    assert ops_db["auditlog"].count_documents({"action": "store.status_changed"}) == 4


def test_nothing_comes_up_while_the_store_is_closed(
    as_ada: FlaskClient, as_sam: FlaskClient, client: FlaskClient, store: Document, db: Database
) -> None:
    shown = make_product(db, store, name="Bowl")
    waiting = make_product(db, store, name="Vase", status="pending_approval", isPublished=False)
    set_status(as_ada, store, "suspended")
    assert as_sam.put(f"/api/products/{shown['slug']}", json={"price": 5, "stock": 7}).status_code == 200
    approved = as_ada.put(f"/api/products/admin/{waiting['_id']}/status", json={"status": "active"})
    assert approved.json["data"]["product"]["status"] == "active"
    assert as_ada.put(f"/api/products/admin/{shown['_id']}/status", json={"status": "active"}).status_code == 200
    assert on_sale(client) == []
    set_status(as_ada, store, "active")
    assert on_sale(client) == ["Bowl", "Vase"]


def test_products_that_did_not_follow_their_store_are_put_right(
    app: Flask, as_ada: FlaskClient, client: FlaskClient, store: Document, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the status and the products; the existing system changes a status; a race is lost."""
    make_product(db, store, name="Bowl")

    def die(*_: Any, **__: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(closing, "_hide", die)
        with pytest.raises(KeyboardInterrupt):
            set_status(as_ada, store, "suspended")
    assert on_sale(client) == ["Bowl"]
    with app.app_context():
        upkeep.look_after()
        assert on_sale(client) == []
        assert closing.align() == 0
        db["stores"].update_one({"_id": store["_id"]}, {"$set": {"status": "active"}})
        upkeep.look_after()
        assert on_sale(client) == ["Bowl"]


def test_setting_the_same_status_again_only_finishes_what_was_begun(
    as_ada: FlaskClient, store: Document, db: Database, ops_db: Database, client: FlaskClient
) -> None:
    set_status(as_ada, store, "closed")
    make_product(db, store, name="Late")
    assert set_status(as_ada, store, "closed").status_code == 200
    assert (on_sale(client), ops_db["auditlog"].count_documents({"action": "store.status_changed"})) == ([], 1)


def test_the_search_and_the_seller_hear_of_it(
    as_ada: FlaskClient, sam: Document, store: Document, db: Database, as_sam: FlaskClient
) -> None:
    product = make_product(db, store)
    told: list[Any] = []
    with selling.changed.connected_to(lambda _sender, product_ids: told.extend(product_ids)):
        set_status(as_ada, store, "suspended")
    assert told == [product["_id"]]
    assert db["users"].find_one({"_id": sam["_id"]})["sellerStatus"] == "suspended"
    assert as_sam.get("/api/stores/mine").json["data"]["store"]["rejectionReason"] == "Nothing is sent."
    set_status(as_ada, store, "active")
    assert db["users"].find_one({"_id": sam["_id"]})["sellerStatus"] == "approved"


def test_closing_needs_a_reason_and_only_known_statuses_are_set(as_ada: FlaskClient, store: Document) -> None:
    for status in ("suspended", "closed"):
        answer = as_ada.put(f"/api/stores/admin/{store['_id']}/status", json={"status": status})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "reason")
    assert set_status(as_ada, store, "pending").status_code == 400
    assert set_status(as_ada, {"_id": unknown_id()}, "closed").status_code == 404


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


@pytest.fixture
def sold(db: Database, store: Document, una: Document) -> list[Document]:
    """Products with reviews and sales, and orders of all kinds, of this store, of another, and of both."""
    bowl = make_product(db, store, salesCount=5, rating=4.5, reviewsCount=2, status="active")
    plate = make_product(db, store, salesCount=1, rating=3.0, reviewsCount=1, status="out_of_stock")
    make_product(db, store, status="draft", isPublished=False)
    other = make_product(db)

    def item(product: Document, quantity: int, total: Any) -> Document:
        return {"productId": product["_id"], "storeId": product["storeId"], "quantity": quantity, "total": total}

    def order(*items: Document, status: str = "delivered", paid: str = "paid", days: int = 1, **more: Any) -> None:
        db["orders"].insert_one(
            {"_id": ObjectId(), "userId": una["_id"], "orderNumber": str(ObjectId()), "items": items, "status": status,
             "paymentStatus": paid, "currency": "EUR", "createdAt": clock.now() - timedelta(days=days)} | more
        )  # fmt: skip

    mine, theirs = {"storeId": store["_id"]}, {"storeId": other["storeId"]}
    order(item(bowl, 2, Decimal128("0.20")), item(plate, 1, 0.1))
    order(item(bowl, 1, Decimal128("0.10")), item(other, 9, Decimal128("900")), status="processing",
          fulfilments=[mine | {"status": "shipped"}, theirs | {"status": "processing"}])  # fmt: skip
    order(item(bowl, 1, 7.0), status="pending", paid="pending")
    order(item(bowl, 1, 7.0), status="delivered", paid="partially_refunded",
          fulfilments=[mine | {"status": "returned"}])  # fmt: skip
    order(item(bowl, 3, Decimal128("30")), currency="USD", days=300)
    order(item(other, 1, Decimal128("5")))
    return [bowl, plate]


def test_stats_are_those_of_products_and_orders(as_sam: FlaskClient, sold: list[Document]) -> None:
    stats = as_sam.get("/api/stores/linen-and-clay/stats").json["data"]["stats"]
    assert (stats["products"]["active"], stats["products"]["draft"], stats["productsOnSale"]) == (1, 1, 2)
    assert (stats["totalSales"], stats["reviewsCount"], stats["rating"]) == (6, 3, 4.0)
    assert stats["ordersByStatus"] == {"delivered": 1, "pending": 1, "returned": 1, "shipped": 1}
    assert (stats["orders"], stats["unitsSold"]) == (4, 4)
    assert (stats["revenue"], stats["currency"], stats["revenueByCurrency"]) == (0.4, "EUR", {"EUR": 0.4})
    year = as_sam.get("/api/stores/linen-and-clay/stats?days=365").json["data"]["stats"]
    assert (year["revenueByCurrency"], year["currency"], year["unitsSold"]) == ({"EUR": 0.4, "USD": 30.0}, "USD", 7)
    assert Decimal(str(year["revenueByCurrency"]["EUR"])) == Decimal("0.4")


def test_administrators_see_the_same_stats(as_ada: FlaskClient, as_sam: FlaskClient, sold: list[Document]) -> None:
    path = "/api/stores/linen-and-clay/stats"
    assert as_ada.get(path).json == as_sam.get(path).json
    assert as_ada.get(f"/api/stores/{unknown_id()}/stats").status_code == 404
    assert as_ada.get(f"{path}?days=0").status_code == 400


def test_a_store_without_anything_has_figures_of_nothing(as_sam: FlaskClient) -> None:
    stats = as_sam.get("/api/stores/linen-and-clay/stats").json["data"]["stats"]
    assert (stats["orders"], stats["revenue"], stats["rating"], stats["currency"]) == (0, 0, 0, "USD")


def test_figures_of_stores_follow_their_products(
    app: Flask, client: FlaskClient, sold: list[Document], db: Database, ops_db: Database
) -> None:
    with app.app_context():
        assert upkeep.refresh() == 2
        assert upkeep.refresh() == 0
    shown = page(client)["store"]
    figures = (shown["productsCount"], shown["totalSales"], shown["rating"], shown["reviewsCount"])
    assert figures == (2, 6, 4.0, 3)
    db["products"].delete_many({})
    with app.app_context():
        upkeep.look_after()
        db["stores"].update_many({}, {"$set": {"totalSales": 9}})
        upkeep.look_after()  # not due again yet
        assert db["stores"].count_documents({"totalSales": 9, "productsCount": 0}) == 2
        ops_db["storeupkeep"].update_one({}, {"$set": {"at": clock.now() - timedelta(hours=1)}})
        upkeep.look_after()
        assert db["stores"].count_documents({"totalSales": 0}) == 2
