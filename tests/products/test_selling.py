"""Selling: in one's own open store, what is one's own, and found by others only after approval."""

from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.products import make_category, make_order, make_product, make_store
from tests.factories.users import make_user

MUG = {"name": "Stoneware Mug", "description": "Holds 300 ml.", "price": 22.95, "stock": 3}
Document = dict[str, Any]


def offer(client: FlaskClient, **fields: Any) -> Document:
    answer = client.post("/api/products", json=MUG | fields)
    assert answer.status_code == 201, answer.json
    product: Document = answer.json["data"]["product"]
    return product


def decide(admin: FlaskClient, product: Document, status: str, **more: Any) -> Document:
    answer = admin.put(f"/api/products/admin/{product['_id']}/status", json={"status": status} | more)
    assert answer.status_code == 200, answer.json
    decided: Document = answer.json["data"]["product"]
    return decided


def listed(client: FlaskClient) -> list[str]:
    return [product["name"] for product in client.get("/api/products?total=false").json["data"]["products"]]


def test_what_is_offered_is_found_after_approval(
    as_sam: FlaskClient, as_admin: FlaskClient, client: FlaskClient
) -> None:
    product = offer(as_sam)
    assert (product["status"], product["isPublished"], listed(client)) == ("pending_approval", False, [])
    approved = decide(as_admin, product, "active")
    assert (approved["status"], approved["isPublished"], listed(client)) == ("active", True, ["Stoneware Mug"])
    assert client.get(f"/api/products/{product['slug']}").status_code == 200


def test_amounts_are_stored_exactly(as_sam: FlaskClient, db: Database) -> None:
    product = offer(as_sam, price=0.1, compareAtPrice=0.3)
    stored = db["products"].find_one({"_id": ObjectId(product["_id"])})
    assert (str(stored["price"]), str(stored["compareAtPrice"])) == ("0.10", "0.30")
    assert (product["price"], product["compareAtPrice"], product["discountPercent"]) == (0.1, 0.3, 67)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"price": 1.005}, "price"), ({"price": 0}, "price"), ({"price": "5"}, "price"), ({"price": -1}, "price"),
        ({"compareAtPrice": 1.001}, "compareAtPrice"), ({"stock": -1}, "stock"), ({"stock": 1.5}, "stock"),
        ({"category": "0" * 24}, "category"), ({"currency": "coins"}, "currency"), ({"name": "x"}, "name"),
        ({"variants": [{"name": "Size", "value": "L", "price": 1.001}]}, "variants.0.price"),
        ({"variants": [{"_id": "0" * 24, "name": "Size", "value": "L"}]}, "variants.0._id"),
        ({"images": ["javascript:alert(1)"]}, "images.0.url"), ({"tags": [{"$gt": ""}]}, "tags.0"),
        ({"name": {"$gt": ""}}, "name"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(as_sam: FlaskClient, db: Database, fields: Document, wrong: str) -> None:
    answer = as_sam.post("/api/products", json=MUG | fields)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, wrong)
    assert db["products"].count_documents({}) == 0


@pytest.mark.parametrize(
    "field",
    ["status", "isPublished", "rating", "reviewsCount", "viewsCount", "salesCount", "totalRevenue", "sellerId",
     "storeId", "isFeatured", "featuredUntil", "slug", "_id", "id", "createdAt", "hasVariants", "reviewedBy", "$set"],
)  # fmt: skip
def test_nobody_sends_what_is_not_theirs_to_say(as_sam: FlaskClient, as_admin: FlaskClient, field: str) -> None:
    product = offer(as_sam)
    for client in (as_sam, as_admin):
        assert client.put(f"/api/products/{product['slug']}", json={field: 5}).status_code == 400
    assert as_sam.post("/api/products", json=MUG | {field: 5}).status_code == 400


@pytest.mark.parametrize("status", [None, "pending", "suspended", "closed"])
def test_selling_needs_an_open_store(app: Flask, db: Database, status: str | None) -> None:
    seller = make_user(db, role="seller")
    if status:
        make_store(db, seller, status=status)
    answer = client_of(app, seller).post("/api/products", json=MUG)
    assert (answer.status_code, answer.json["code"]) == (403, "no_active_store")


def test_what_is_somebody_elses_is_not_there(app: Flask, db: Database, as_una: FlaskClient) -> None:
    theirs = make_product(db)
    other = client_of(app, make_user(db, role="seller"))
    for path in (f"/api/products/{theirs['slug']}", f"/api/products/{theirs['_id']}"):
        assert other.put(path, json={"price": 1}).status_code == 404
        assert other.delete(path).status_code == 404
        assert other.get(f"{path}/mine").status_code == 404
        assert other.post(f"{path}/submit").status_code == 404
        assert as_una.put(path, json={"price": 1}).status_code == 403
    assert db["products"].find_one({"_id": theirs["_id"]}) == theirs


def test_a_repeated_key_offers_once(as_sam: FlaskClient, db: Database, ops_db: Database) -> None:
    headers = {"Idempotency-Key": "one"}
    first = as_sam.post("/api/products", json=MUG, headers=headers)
    again = as_sam.post("/api/products", json=MUG, headers=headers)
    assert (again.get_data(), again.headers["Idempotent-Replayed"]) == (first.get_data(), "true")
    ops_db["idempotencykeys"].delete_many({})  # as if the worker had died before it could keep its answer
    third = as_sam.post("/api/products", json=MUG, headers=headers)
    assert (third.status_code, third.json["data"]["product"]["_id"]) == (201, first.json["data"]["product"]["_id"])
    assert db["products"].count_documents({}) == 1


def test_a_number_belongs_to_one_product(as_sam: FlaskClient) -> None:
    offer(as_sam, sku="A-1")
    assert as_sam.post("/api/products", json=MUG | {"sku": "A-1"}).json["code"] == "sku_taken"
    second = offer(as_sam)
    answer = as_sam.put(f"/api/products/{second['slug']}", json={"sku": "A-1"})
    assert (answer.status_code, answer.json["code"]) == (409, "sku_taken")


def test_price_and_stock_change_at_once_texts_wait_for_approval(
    as_sam: FlaskClient, as_admin: FlaskClient, client: FlaskClient
) -> None:
    product = decide(as_admin, offer(as_sam), "active")
    path = f"/api/products/{product['slug']}"
    changed = as_sam.put(path, json={"price": 20, "stock": 9, "freeShipping": True}).json["data"]["product"]
    assert (changed["status"], changed["price"], changed["stock"]) == ("active", 20.0, 9)
    same = as_sam.put(path, json={"name": product["name"]}).json["data"]["product"]
    assert same["status"] == "active"
    retitled = as_sam.put(path, json={"name": "Miracle Cure"}).json["data"]["product"]
    assert (retitled["status"], retitled["isPublished"], listed(client)) == ("pending_approval", False, [])


def test_an_administrators_change_needs_no_approval_and_is_recorded(
    as_sam: FlaskClient, as_admin: FlaskClient, ops_db: Database
) -> None:
    product = decide(as_admin, offer(as_sam), "active")
    answer = as_admin.put(f"/api/products/{product['slug']}", json={"name": "Mug"})
    assert (answer.status_code, answer.json["data"]["product"]["status"]) == (200, "active")
    (entry,) = ops_db["auditlog"].find({"action": "product.changed"})
    assert entry["changes"]["before"]["name"] == "Stoneware Mug"


def test_what_is_sold_out_says_so_and_comes_back(as_sam: FlaskClient, as_admin: FlaskClient) -> None:
    product = decide(as_admin, offer(as_sam), "active")
    path = f"/api/products/{product['slug']}"
    gone = as_sam.put(path, json={"stock": 0}).json["data"]["product"]
    assert (gone["status"], gone["isPublished"], gone["inStock"], gone["isLowStock"]) == (
        "out_of_stock",
        True,
        False,
        True,
    )
    assert as_sam.put(path, json={"stock": 5}).json["data"]["product"]["status"] == "active"
    assert decide(as_admin, offer(as_sam, stock=0), "active")["status"] == "out_of_stock"


def test_the_stock_of_a_product_with_variants_is_their_sum(as_sam: FlaskClient, as_admin: FlaskClient) -> None:
    kinds = [{"name": "Size", "value": "S", "stock": 2}, {"name": "Size", "value": "L", "stock": 3, "price": 30}]
    product = offer(as_sam, variants=kinds, stock=99)
    assert (product["stock"], product["hasVariants"]) == (5, True)
    path = f"/api/products/{product['slug']}"
    kept = {"_id": product["variants"][0]["_id"], "name": "Size", "value": "S", "stock": 7}
    changed = as_sam.put(path, json={"variants": [kept]}).json["data"]["product"]
    assert (changed["stock"], changed["variants"][0]["_id"]) == (7, kept["_id"])
    assert as_sam.put(path, json={"stock": 99}).json["data"]["product"]["stock"] == 7
    plain = as_sam.put(path, json={"variants": [], "stock": 1}).json["data"]["product"]
    assert (plain["stock"], plain["hasVariants"], plain["variants"]) == (1, False, [])


def test_variants_that_share_the_stock_of_the_product_leave_it_alone(
    as_sam: FlaskClient, as_admin: FlaskClient, db: Database
) -> None:
    product = offer(as_sam, stock=8)
    decide(as_admin, product, "active")
    shared = [{"_id": ObjectId(), "name": "Size", "value": value} for value in "SM"]
    db["products"].update_one({"_id": ObjectId(product["_id"])}, {"$set": {"variants": shared, "hasVariants": True}})
    for sent, stock in (({"price": 21.0}, 8), ({"stock": 5}, 5)):
        changed = as_sam.put(f"/api/products/{product['_id']}", json=sent).json["data"]["product"]
        assert (changed["stock"], changed["status"]) == (stock, "active")


def test_null_clears(as_sam: FlaskClient, db: Database) -> None:
    category = make_category(db)
    product = offer(as_sam, brand="Clay", compareAtPrice=30, category=str(category["_id"]))
    cleared = as_sam.put(
        f"/api/products/{product['slug']}", json={"brand": None, "compareAtPrice": None, "category": None}
    ).json["data"]["product"]
    assert (cleared["brand"], cleared["compareAtPrice"], cleared["category"]) == (None, None, None)
    assert not {"brand", "compareAtPrice", "category"} & db["products"].find_one({}).keys()


def test_a_rejection_says_why_and_can_be_mended(as_sam: FlaskClient, as_admin: FlaskClient) -> None:
    product = offer(as_sam)
    path = f"/api/products/{product['slug']}"
    bare = as_admin.put(f"/api/products/admin/{product['_id']}/status", json={"status": "rejected"})
    assert (bare.status_code, bare.json["errors"][0]["field"]) == (400, "reason")
    decide(as_admin, product, "rejected", reason="The picture is missing.")
    assert as_sam.get(f"{path}/mine").json["data"]["product"]["rejectionReason"] == "The picture is missing."
    again = as_sam.post(f"{path}/submit").json["data"]["product"]
    assert (again["status"], again["rejectionReason"]) == ("pending_approval", None)
    assert as_sam.post(f"{path}/submit").status_code == 200
    decide(as_admin, product, "active")
    late = as_sam.post(f"{path}/submit")
    assert (late.status_code, late.json["code"]) == (409, "product_not_submittable")


def test_a_draft_waits_until_it_is_handed_in(as_sam: FlaskClient) -> None:
    product = offer(as_sam, isDraft=True)
    assert product["status"] == "draft"
    assert (
        as_sam.post(f"/api/products/{product['slug']}/submit").json["data"]["product"]["status"] == "pending_approval"
    )


def test_removing_archives(as_sam: FlaskClient, as_admin: FlaskClient, client: FlaskClient, db: Database) -> None:
    product = decide(as_admin, offer(as_sam), "active")
    assert as_sam.delete(f"/api/products/{product['slug']}").status_code == 200
    assert client.get(f"/api/products/{product['slug']}").status_code == 404
    assert db["products"].find_one({})["status"] == "archived"


def test_a_seller_lists_everything_of_their_own(as_sam: FlaskClient, db: Database) -> None:
    offer(as_sam, name="one")
    offer(as_sam, name="two", isDraft=True)
    make_product(db)
    names = [p["name"] for p in as_sam.get("/api/products/mine").json["data"]["products"]]
    assert names == ["two", "one"]
    assert [p["name"] for p in as_sam.get("/api/products/mine?status=draft").json["data"]["products"]] == ["two"]


def test_an_administrator_lists_and_counts_everything(as_admin: FlaskClient, db: Database) -> None:
    category = make_category(db, slug="mugs")
    one = make_product(db, sku="A-1", category=category["_id"])
    make_product(db, status="draft", isPublished=False)
    make_product(db, status="out_of_stock")
    for query, found in (
        ("", 3), ("?status=draft", 1), ("?category=mugs", 1), ("?category=none", 0), ("?search=A-1", 1),
        (f"?search={one['_id']}", 1), (f"?search={one['slug']}", 1), ("?search=.*", 0),
    ):  # fmt: skip
        assert len(as_admin.get(f"/api/products/admin/all{query}").json["data"]["products"]) == found, query
    counted = as_admin.get("/api/products/admin/stats").json["data"]
    assert counted == {"total": 3, "active": 1, "draft": 1, "pending": 0, "outOfStock": 1, "archived": 0, "rejected": 0}


def test_a_seller_sees_their_own_figures_only(
    app: Flask, db: Database, as_sam: FlaskClient, as_admin: FlaskClient, sam: Document, store: Document
) -> None:
    make_product(db, store, salesCount=2, totalRevenue=20.5, currency="EUR")
    make_product(db, store, salesCount=1, totalRevenue=10.25, currency="EUR", status="archived")
    make_product(db, store, salesCount=1, totalRevenue=5.0)
    path = f"/api/products/seller/{sam['_id']}/stats"
    for client in (as_sam, as_admin):
        found = client.get(path).json["data"]
        assert (found["total"], found["active"], found["totalSales"]) == (3, 2, 4)
        assert (found["totalRevenue"], found["currency"]) == (30.75, "EUR")
    assert client_of(app, make_user(db, role="seller")).get(path).status_code == 404


def test_only_administrators_decide(app: Flask, db: Database, as_sam: FlaskClient) -> None:
    product = offer(as_sam)
    path = f"/api/products/admin/{product['_id']}"
    for client in (as_sam, client_of(app, make_user(db))):
        assert client.put(f"{path}/status", json={"status": "active"}).status_code == 403
        assert client.put(f"{path}/featured", json={"isFeatured": True}).status_code == 403
        assert client.delete(path).status_code == 403
        assert client.get("/api/products/admin/all").status_code == 403


def test_what_was_sold_is_not_removed_for_good(
    as_admin: FlaskClient, db: Database, una: Document, ops_db: Database
) -> None:
    product = make_product(db)
    order = make_order(db, una, product)
    answer = as_admin.delete(f"/api/products/admin/{product['_id']}")
    assert (answer.status_code, answer.json["code"]) == (409, "product_was_sold")
    db["orders"].delete_one({"_id": order})
    db["wishlists"].insert_one({"userId": una["_id"], "productId": product["_id"]})
    assert as_admin.delete(f"/api/products/admin/{product['_id']}").status_code == 200
    assert [db[name].count_documents({}) for name in ("products", "wishlists")] == [0, 0]
    assert ops_db["auditlog"].count_documents({"action": "product.removed"}) == 1


def test_putting_forward_is_recorded(
    as_admin: FlaskClient, client: FlaskClient, db: Database, ops_db: Database
) -> None:
    product = make_product(db)
    path = f"/api/products/admin/{product['_id']}/featured"
    assert as_admin.put(path, json={"isFeatured": True}).status_code == 200
    assert len(client.get("/api/products/featured").json["data"]["products"]) == 1
    assert as_admin.put(path, json={"isFeatured": False}).status_code == 200
    assert client.get("/api/products/featured").json["data"]["products"] == []
    assert ops_db["auditlog"].count_documents({"targetId": product["_id"]}) == 2
