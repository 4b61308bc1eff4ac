"""Browsing: what is on sale and nothing else, in the order that was asked for, under the names of all clients."""

from datetime import timedelta
from typing import Any

import pytest
from bson import Decimal128
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products.services import viewing
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.products import make_category, make_product, make_store

HIDDEN = ({"status": "draft"}, {"status": "pending_approval"}, {"status": "archived"}, {"isPublished": False})


def names(client: FlaskClient, path: str = "") -> list[str]:
    answer = client.get(f"/api/products{path}")
    assert answer.status_code == 200, answer.json
    return [product["name"] for product in answer.json["data"]["products"]]


def test_a_product_is_shown_with_what_it_refers_to(client: FlaskClient, db: Database) -> None:
    category, store = make_category(db, "Mugs"), make_store(db, name="Clay")
    product = make_product(
        db, store, category=category["_id"], compareAtPrice=25.0,
        images=[{"url": "https://x.io/2.jpg", "sortOrder": 2}, {"url": "https://x.io/1.jpg", "sortOrder": 1}],
    )  # fmt: skip
    (shown,) = client.get("/api/products").json["data"]["products"]
    assert (shown["_id"], shown["id"]) == (str(product["_id"]), str(product["_id"]))
    assert (shown["category"], shown["categoryInfo"]["name"]) == (str(category["_id"]), "Mugs")
    assert (shown["storeId"], shown["store"]["name"], shown["store"]["rating"]) == (str(store["_id"]), "Clay", 4.2)
    assert (shown["sellerId"], shown["seller"]["_id"]) == (str(store["sellerId"]),) * 2
    assert [image["sortOrder"] for image in shown["images"]] == [1, 2]
    assert (shown["imageUrls"], shown["imageUrl"]) == (
        ["https://x.io/1.jpg", "https://x.io/2.jpg"],
        "https://x.io/1.jpg",
    )
    assert (shown["price"], shown["originalPrice"], shown["discountPercent"]) == (12.5, 25.0, 50)
    assert not {"sku", "totalRevenue", "status", "rejectionReason"} & shown.keys()


@pytest.mark.parametrize(
    ("stored", "shown"),
    [(19.99, 19.99), (0.1 + 0.2, 0.3), (20, 20.0), (Decimal128("19.90"), 19.9), (1e6 + 0.005, 1000000.0)],
)
def test_prices_are_read_as_they_were_meant(client: FlaskClient, db: Database, stored: Any, shown: float) -> None:
    make_product(db, price=stored)
    assert client.get("/api/products").json["data"]["products"][0]["price"] == shown


def test_an_old_document_is_shown_with_what_it_lacks(client: FlaskClient, db: Database) -> None:
    product = {"name": "Old", "description": "x", "price": 4.0, "status": "active", "isPublished": True}
    made = db["products"].insert_one(product | {"createdAt": clock.now(), "slug": "old"}).inserted_id
    for path in ("/api/products/old", f"/api/products/{made}"):
        shown = client.get(path).json["data"]["product"]
        assert (shown["images"], shown["rating"], shown["seller"], shown["store"]) == ([], 0, None, None)
        assert (shown["currency"], shown["inStock"], shown["variants"]) == ("USD", False, [])


def test_what_is_not_on_sale_is_nowhere(client: FlaskClient, db: Database) -> None:
    category = make_category(db)
    seen = make_product(db, name="seen", category=category["_id"], isFeatured=True, salesCount=1)
    for fields in HIDDEN:
        hidden = make_product(db, category=category["_id"], isFeatured=True, salesCount=9, **fields)
        assert client.get(f"/api/products/{hidden['_id']}").status_code == 404
        assert client.get(f"/api/products/{hidden['slug']}").status_code == 404
    for path in ("", "/featured", "/featured/best-sellers", f"?category={category['slug']}", "/mongodb"):
        assert names(client, path) == ["seen"], path
    assert names(client, f"/{seen['slug']}/related") == []


def test_what_is_sold_out_is_still_shown(client: FlaskClient, db: Database) -> None:
    make_product(db, name="gone", status="out_of_stock", stock=0)
    make_product(db, name="there", stock=1)
    make_product(db, name="endless", stock=0, trackInventory=False)
    assert set(names(client)) == {"gone", "there", "endless"}
    assert set(names(client, "?inStock=true")) == {"there", "endless"}
    assert names(client, "?inStock=false") == ["gone"]


def test_the_list_is_narrowed_down(client: FlaskClient, db: Database) -> None:
    home = make_category(db, "Home & Living", slug="home")
    mugs = make_category(db, "Mugs", slug="mugs", parentId=home["_id"])
    store = make_store(db)
    make_product(db, store, name="a", price=10.0, rating=5, category=home["_id"])
    make_product(db, store, name="b", price=Decimal128("20.00"), rating=3, category=mugs["_id"])
    make_product(db, name="c", price=30.0, rating=4)
    for query, found in (
        ("category=home", "ab"), ("category=mugs", "b"), (f"category={mugs['_id']}", "b"),
        ("category=home %26 living", "ab"),
        ("category=nothing", ""), (f"category={'0' * 24}", ""), (f"storeId={store['_id']}", "ab"),
        (f"sellerId={store['sellerId']}", "ab"), (f"sellerId={'0' * 24}", ""), (f"storeId={'0' * 24}", ""),
        ("minPrice=20", "bc"), ("maxPrice=20", "ab"), ("minPrice=10.01&maxPrice=29.99", "b"), ("minRating=4", "ac"),
        ("minRating=3.5&category=home", "a"), (f"category=mugs&storeId={store['_id']}", "b"), ("whatever=1", "abc"),
    ):  # fmt: skip
        assert "".join(sorted(names(client, f"?{query}"))) == found, query
    assert client.get("/api/products?category=nothing").json["data"]["pagination"]["total"] == 0


@pytest.mark.parametrize(
    "query",
    ["sortBy=stock", "sortBy=$where", "minPrice=-1", "minPrice=x", "minPrice=NaN", "limit=0", "storeId=x",
     "minRating=6", "inStock=perhaps", "cursor=x", "category="],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_a_400(client: FlaskClient, db: Database, query: str) -> None:
    assert client.get(f"/api/products?{query}").status_code == 400


@pytest.mark.parametrize("prefix", ["", "category=home&", "storeId={store}&"])
@pytest.mark.parametrize(
    ("sort_by", "found"),
    [("price", "abc"), ("-price", "cba"), ("-rating", "bca"), ("rating", "acb"), ("-salesCount", "cab"),
     ("-createdAt", "acb"), ("createdAt", "bca")],
)  # fmt: skip
def test_the_list_is_ordered_page_by_page(
    client: FlaskClient, db: Database, prefix: str, sort_by: str, found: str
) -> None:
    now, home, store = clock.now(), make_category(db, slug="home"), make_store(db)
    for name, price, rating, sold, age in (
        ("a", 10.0, 1, 5, 1),
        ("b", Decimal128("20"), 5, 1, 3),
        ("c", 30, 4.5, 9, 2),
    ):
        created = now - timedelta(days=age)
        make_product(
            db, store, name=name, price=price, rating=rating, salesCount=sold, createdAt=created, category=home["_id"]
        )
    path = f"?{prefix.format(store=store['_id'])}sortBy={sort_by}"
    assert "".join(names(client, path)) == found
    assert "".join("".join(names(client, f"{path}&limit=1&page={page}")) for page in (1, 2, 3)) == found
    seen, cursor = "", ""
    for _ in range(3):
        data = client.get(f"/api/products{path}&limit=1{cursor}").json["data"]
        seen += data["products"][0]["name"]
        cursor = f"&cursor={data['pagination']['nextCursor']}"
    assert (seen, data["pagination"]["nextCursor"]) == (found, None)


def test_totals_are_told_unless_they_are_not_wanted(client: FlaskClient, db: Database) -> None:
    for _ in range(3):
        make_product(db)
    pagination = client.get("/api/products?limit=2").json["data"]["pagination"]
    assert (pagination["total"], pagination["pages"], pagination["hasMore"]) == (3, 2, True)
    assert "total" not in client.get("/api/products?total=false").json["data"]["pagination"]


def test_featured_ends_when_its_time_is_over(client: FlaskClient, db: Database) -> None:
    now = clock.now()
    make_product(db, name="for ever", isFeatured=True, createdAt=now - timedelta(days=2))
    make_product(db, name="still", isFeatured=True, featuredUntil=now + timedelta(days=1))
    make_product(db, name="over", isFeatured=True, featuredUntil=now - timedelta(days=1))
    make_product(db, name="never")
    assert names(client, "/featured") == ["still", "for ever"]
    assert names(client, "/featured?limit=1") == ["still"]


def test_best_sellers_have_been_sold(client: FlaskClient, db: Database) -> None:
    for name, sold in (("few", 1), ("many", 9), ("none", 0)):
        make_product(db, name=name, salesCount=sold)
    assert names(client, "/featured/best-sellers") == ["many", "few"]


def test_related_is_of_the_same_category_and_then_of_the_same_store(client: FlaskClient, db: Database) -> None:
    mugs, store = make_category(db), make_store(db)
    one = make_product(db, store, name="this", category=mugs["_id"])
    make_product(db, name="same kind", category=mugs["_id"], salesCount=1)
    make_product(db, store, name="both", category=mugs["_id"], salesCount=5)
    make_product(db, store, name="same shop")
    make_product(db, name="neither")
    for text in (one["slug"], one["_id"]):
        assert names(client, f"/{text}/related") == ["both", "same kind", "same shop"]
    assert names(client, f"/{one['slug']}/related?limit=1") == ["both"]


def test_the_shelves_are_listed_below_products_too(client: FlaskClient, db: Database) -> None:
    make_category(db, "On")
    make_category(db, "Off", isActive=False)
    found = client.get("/api/products/categories").json["data"]["categories"]
    assert [category["name"] for category in found] == ["On"]


def test_variants_have_a_price_and_a_stock_of_their_own(client: FlaskClient, db: Database) -> None:
    variants = [{"name": "Size", "value": "L", "price": 14.0, "stock": 2}, {"name": "Size", "value": "S"}]
    product = make_product(db, price=12.5, hasVariants=True, variants=variants)
    large, small = client.get(f"/api/products/{product['slug']}").json["data"]["product"]["variants"]
    assert (large["price"], large["priceAdjustment"], large["stock"], large["attributes"]) == (
        14.0,
        1.5,
        2,
        {"Size": "L"},
    )
    assert (small["price"], small["priceAdjustment"], small["stock"]) == (12.5, 0.0, 0)


def test_an_unchanged_list_is_not_sent_again(client: FlaskClient, db: Database) -> None:
    make_product(db)
    etag = client.get("/api/products").headers["ETag"]
    assert client.get("/api/products", headers={"If-None-Match": etag}).status_code == 304


def views(app: Flask, db: Database, product: dict[str, Any]) -> int:
    viewing.looks_of(app).count()
    return db["products"].find_one({"_id": product["_id"]})["viewsCount"]


def test_looking_again_does_not_count_again(app: Flask, db: Database, una: dict, sam: dict, store: dict) -> None:
    product = make_product(db, store)
    path = f"/api/products/{product['slug']}"
    stranger, other, buyer = client_of(app), client_of(app), client_of(app, una)
    for client in (stranger, stranger, other, buyer, buyer, client_of(app, sam)):
        assert client.get(path).status_code == 200
    assert views(app, db, product) == 3
    for client in (stranger, buyer):
        client.get(path, headers={"User-Agent": "another"})
    assert views(app, db, product) == 3


def test_a_day_later_looking_counts_again(app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    product, client = make_product(db), client_of(app)
    client.get(f"/api/products/{product['_id']}")
    assert views(app, db, product) == 1
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    client.get(f"/api/products/{product['_id']}")
    assert views(app, db, product) == 2


def test_whoever_looked_is_stored_as_nothing_that_leads_back(app: Flask, db: Database, ops_db: Database) -> None:
    client = client_of(app)
    client.get(f"/api/products/{make_product(db)['_id']}")
    viewing.looks_of(app).count()
    (stored,) = ops_db["productviews"].find()
    assert (set(stored), len(stored["_id"])) == ({"_id", "expiresAt"}, 16)
