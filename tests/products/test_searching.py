"""Searching: the right products in the right order, unfinished and misspelt words too, and nothing but words."""

import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products.services.search import keeping, mongo, recording
from mixillo.blueprints.products.services.search.engine import Counts
from mixillo.blueprints.products.services.search.mongo import MongoEngine
from tests.factories.products import make_category, make_product, make_store
from tests.plans import profiled

Document = dict[str, Any]


def search(client: FlaskClient, q: str, **more: Any) -> Document:
    answer = client.get("/api/products/search", query_string={"q": q} | more)
    assert answer.status_code == 200, answer.json
    data: Document = answer.json["data"]
    return data


def found(client: FlaskClient, q: str, **more: Any) -> list[str]:
    return [product["name"] for product in search(client, q, **more)["products"]]


def test_the_name_weighs_more_than_labels_and_these_more_than_the_description(
    client: FlaskClient, db: Database
) -> None:
    category = make_category(db, "Linen Goods")
    make_product(db, name="In text", description="Made of linen.", salesCount=1_000)
    make_product(db, name="In category", category=category["_id"], salesCount=3)
    make_product(db, name="In tags", tags=["linen"], salesCount=500)
    make_product(db, name="In brand", brand="Linen & Clay", salesCount=50)
    make_product(db, name="Linen throw")
    assert found(client, "linen") == ["Linen throw", "In tags", "In brand", "In category", "In text"]


def test_all_words_count_in_any_order_and_place(client: FlaskClient, db: Database) -> None:
    make_product(db, name="Linen throw", tags=["washed"])
    make_product(db, name="Washed linen throw")
    make_product(db, name="Linen shirt")
    assert found(client, "throw washed LINEN") == ["Washed linen throw", "Linen throw"]


def test_of_two_that_match_alike_the_better_known_comes_first(client: FlaskClient, db: Database) -> None:
    make_product(db, name="Mug one", salesCount=3)
    make_product(db, name="Mug two", salesCount=300)
    make_product(db, name="Mug three", rating=5, reviewsCount=2)
    assert found(client, "mug") == ["Mug two", "Mug three", "Mug one"]


def test_accents_case_and_scripts(client: FlaskClient, db: Database) -> None:
    make_product(db, name="Crème Brûlée Set")
    make_product(db, name="سجادة حمراء")
    make_product(db, name="STRASSE poster")
    assert found(client, "creme brulee") == ["Crème Brûlée Set"]
    assert found(client, "CRÈME") == ["Crème Brûlée Set"]
    assert found(client, "سجادة") == ["سجادة حمراء"]
    assert found(client, "straße") == ["STRASSE poster"]


def test_a_word_is_found_while_it_is_typed_and_whole_words_come_first(client: FlaskClient, db: Database) -> None:
    make_product(db, name="Pants", salesCount=100)
    make_product(db, name="Pan")
    assert found(client, "pan") == ["Pan", "Pants"]
    assert found(client, "p") == ["Pants", "Pan"]
    assert found(client, "pant") == ["Pants"]


@pytest.mark.parametrize("typed", ["ceramc", "ceraamic", "ceramoc", "cermaic", "eramic"])
def test_one_typing_error_is_forgiven_and_said(client: FlaskClient, db: Database, typed: str) -> None:
    make_product(db, name="Ceramic bowl")
    answer = search(client, f"{typed} bowl")
    assert [product["name"] for product in answer["products"]] == ["Ceramic bowl"]
    assert answer["correction"] == "ceramic bowl"


def test_two_typing_errors_are_not(client: FlaskClient, db: Database) -> None:
    make_product(db, name="Ceramic")
    assert found(client, "cramci") == []
    assert search(client, "ceramic")["correction"] is None


def test_if_nothing_has_every_word_what_has_some_is_shown(client: FlaskClient, db: Database) -> None:
    make_product(db, name="Linen throw")
    assert found(client, "linen spaceship") == ["Linen throw"]


def test_what_is_not_on_sale_is_not_found(client: FlaskClient, db: Database) -> None:
    make_product(db, name="Mug", status="draft")
    make_product(db, name="Mug", isPublished=False)
    assert found(client, "mug") == []


def test_a_search_is_narrowed_down(client: FlaskClient, db: Database) -> None:
    home = make_category(db, "Home", slug="home")
    below = make_category(db, "Below", parentId=home["_id"])
    store = make_store(db)
    make_product(db, store, name="mug a", price=10.0, rating=5, category=home["_id"])
    make_product(db, name="mug b", price=20.0, rating=3, category=below["_id"], stock=0)
    make_product(db, name="mug c", price=30.0, rating=4)
    for narrowed, names in (
        ({"category": "home"}, "ab"), ({"category": "none"}, ""), ({"minPrice": 20}, "bc"), ({"maxPrice": 20}, "ab"),
        ({"minRating": 4}, "ac"), ({"inStock": "true"}, "ac"), ({"inStock": "false"}, "b"),
        ({"storeId": str(store["_id"])}, "a"), ({"sellerId": str(store["sellerId"])}, "a"),
        ({"category": "home", "minPrice": 15}, "b"),
    ):  # fmt: skip
        assert "".join(sorted(name[-1] for name in found(client, "mug", **narrowed))) == names, narrowed


@pytest.mark.parametrize(
    ("sort_by", "names"), [("price", "bca"), ("-price", "acb"), ("-rating", "cba"), ("-createdAt", "cba")]
)
def test_a_search_is_ordered_otherwise(client: FlaskClient, db: Database, sort_by: str, names: str) -> None:
    for name, price, rating in (("a", 30.0, 1), ("b", 10.0, 2), ("c", 20.0, 3)):
        make_product(db, name=f"mug {name}", price=price, rating=rating)
    make_product(db, name="only described", description="A mug.", price=1.0, rating=5)
    assert "".join(name[-1] for name in found(client, "mug", sortBy=sort_by)) == names


@pytest.mark.parametrize("more", [{}, {"sortBy": "price"}])
def test_pages_and_cursors_show_everything_once(client: FlaskClient, db: Database, more: Document) -> None:
    for number in range(7):
        fields = {"name": f"mug {number}"} if number % 2 else {"tags": ["mug"], "name": f"cup {number}"}
        make_product(db, salesCount=number % 3, price=float(1 + number % 2), **fields)
    whole = found(client, "mug", **more)
    assert len(whole) == 7
    paged = [name for page in (1, 2, 3, 4) for name in found(client, "mug", limit=2, page=page, **more)]
    followed, cursor = [], {}
    while True:
        answer = search(client, "mug", limit=2, **more, **cursor)
        followed += [product["name"] for product in answer["products"]]
        if not answer["pagination"]["hasMore"]:
            break
        cursor = {"cursor": answer["pagination"]["nextCursor"]}
    assert (paged, followed) == (whole, whole)
    other = client.get("/api/products/search", query_string={"q": "cup", **cursor})
    assert (other.status_code, other.json["errors"][0]["field"]) == (400, "cursor")


def test_facets_count_the_hits(client: FlaskClient, db: Database) -> None:
    home = make_category(db, "Home")
    make_product(db, name="mug", price=5.0, category=home["_id"], brand="Clay")
    make_product(db, name="mug", price=10.0, category=home["_id"], brand="Clay")
    make_product(db, name="mug", price=700.0, brand="Gold")
    make_product(db, name="plate")
    data = search(client, "mug")
    assert [(each["name"], each["count"]) for each in data["facets"]["categories"]] == [("Home", 2)]
    assert data["facets"]["brands"] == [{"brand": "Clay", "count": 2}, {"brand": "Gold", "count": 1}]
    assert data["facets"]["prices"] == [
        {"from": 0.0, "to": 10.0, "count": 1}, {"from": 10.0, "to": 25.0, "count": 1},
        {"from": 500.0, "to": None, "count": 1},
    ]  # fmt: skip
    assert data["pagination"]["total"] == 3
    assert "facets" not in search(client, "mug", facets="false")


@pytest.mark.parametrize(("more", "hits"), [({"q": "blue mug"}, 10), ({"q": "mug", "minPrice": 100}, 20)])
def test_of_many_candidates_some_are_looked_at_and_the_total_is_reckoned_from_them(
    app: Flask, client: FlaskClient, db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch, more: Document,
    hits: int,
) -> None:  # fmt: skip
    for number in range(40):
        fields = {"tags": ["blue"] if number % 4 == 0 else ["blues"], "price": 200.0 if number % 2 else 20.0}
        make_product(db, name="mug", salesCount=2 ** (number % 13), **fields)
    for _ in range(60):
        make_product(db, name="cup", tags=["blue"])
    keeping.keeper_of(app).catch_up()
    assert search(client, **more, sortBy="price")["pagination"]["total"] == hits
    app.extensions["kept"].forget()
    monkeypatch.setattr(mongo, "MOST_EXAMINED", 20)
    with profiled(ops_db) as entries:
        answer = search(client, **more, sortBy="price")
    counting = [entry for entry in entries if entry["command"].get("aggregate") == mongo.COLLECTION]
    assert {entry["docsExamined"] for entry in counting} == {0, 20}
    assert hits * 0.75 <= answer["pagination"]["total"] <= hits * 1.5
    facets = sum(each["count"] for each in answer["facets"]["prices"])
    assert abs(facets - answer["pagination"]["total"]) <= 2  # each band is rounded


@pytest.mark.parametrize("reckoned", [3, 30])
def test_pages_tell_better_than_figures_how_many_hits_there_are(
    client: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch, reckoned: int
) -> None:
    monkeypatch.setattr(MongoEngine, "count", lambda *_: Counts(reckoned))
    for number in range(7):
        make_product(db, name=f"mug {number}")
    told = [search(client, "mug", limit=2, page=page)["pagination"] for page in (1, 2, 3, 4, 5)]
    assert [each["hasMore"] for each in told] == [True, True, True, False, False]
    assert [each["total"] for each in told] == {3: [3, 5, 7, 7, 3], 30: [30, 30, 30, 7, 8]}[reckoned]
    assert all(each["pages"] > each["page"] for each in told if each["hasMore"])


def test_highlights_mark_what_matched_and_escape_the_rest(client: FlaskClient, db: Database) -> None:
    text = "word " * 40 + "then <b>Linen</b> & more " + "word " * 80
    make_product(db, name="<i>Linen</i> throw", description=text, brand="Clay")
    (product,) = search(client, "linen")["products"]
    assert product["highlights"]["name"] == "&lt;i&gt;<em>Linen</em>&lt;/i&gt; throw"
    assert "then &lt;b&gt;<em>Linen</em>&lt;/b&gt; &amp; more" in product["highlights"]["description"]
    assert len(product["highlights"]["description"]) < 300
    assert product["highlights"]["brand"] is None


@pytest.mark.parametrize("q", [None, "", "   ", "!!!", "\u0000", "€"])
def test_nothing_to_search_for_is_a_400_that_says_so(client: FlaskClient, q: str | None) -> None:
    for path in ("search", "suggest"):
        answer = client.get(f"/api/products/{path}", query_string={} if q is None else {"q": q})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "q")


@pytest.mark.parametrize(
    "q", [".*", "(a+)+$", "^mug", '"mug" -mug', "$where", "[a-z]{1,99}", "mu.", "{$gt: 1}", "a" * 200]
)
def test_what_people_type_is_words_and_nothing_else(client: FlaskClient, db: Database, q: str) -> None:
    make_product(db, name="plain", description="Nothing else.")
    answer = client.get("/api/products/search", query_string={"q": q})
    assert answer.status_code in (200, 400)
    assert not answer.json.get("data", {"products": []})["products"]


def test_suggestions_complete_words_and_name_categories_and_products(client: FlaskClient, db: Database) -> None:
    make_category(db, "Linen & Lace")
    for name in ("Linen throw", "Linen shirt", "Lint brush"):
        make_product(db, name=name)
    found = client.get("/api/products/suggest?q=lin").json["data"]["suggestions"]
    assert [(each["kind"], each["text"]) for each in found[:3]] == [
        ("term", "linen"), ("term", "lint"), ("category", "Linen & Lace"),
    ]  # fmt: skip
    assert {each["kind"] for each in found[3:]} == {"product"}
    two = client.get("/api/products/suggest?q=linen+sh&limit=3").json["data"]["suggestions"]
    assert two[0] == {"kind": "term", "text": "linen shirt", "_id": None, "slug": None}


def test_what_is_searched_for_is_written_down(
    app: Flask, db: Database, as_una: FlaskClient, client: FlaskClient, una: Document
) -> None:
    make_product(db, name="mug")
    search(as_una, "Mug")
    search(client, "nothing")
    search(client, "mug", page=2)
    recording.terms_of(app).write()
    written = [(each["query"], each["resultsCount"], each.get("userId")) for each in db["searchqueries"].find()]
    assert written == [("Mug", 1, una["_id"]), ("nothing", 0, None)]


def test_an_own_change_is_found_at_once(as_sam: FlaskClient, as_admin: FlaskClient, client: FlaskClient) -> None:
    assert found(client, "teapot") == []
    body = {"name": "Teapot", "description": "Pours.", "price": 30, "stock": 1}
    product = as_sam.post("/api/products", json=body).json["data"]["product"]
    assert found(client, "teapot") == []
    as_admin.put(f"/api/products/admin/{product['_id']}/status", json={"status": "active"})
    assert found(client, "teapot", inStock="true") == ["Teapot"]
    as_sam.put(f"/api/products/{product['slug']}", json={"stock": 0})
    assert found(client, "teapot", inStock="true") == []
    as_sam.delete(f"/api/products/{product['slug']}")
    assert found(client, "teapot") == []


def test_what_others_change_is_taken_over(app: Flask, client: FlaskClient, db: Database, ops_db: Database) -> None:
    keeper = app.extensions[keeping.EXTENSION]
    one = make_product(db, name="teapot")
    assert found(client, "teapot") == ["teapot"]
    two = make_product(db, name="kettle")
    db["products"].update_one({"_id": one["_id"]}, {"$set": {"name": "samovar"}})
    assert keeper.catch_up() == 2
    assert [found(client, word) for word in ("kettle", "samovar", "teapot")] == [["kettle"], ["samovar"], []]
    db["products"].delete_one({"_id": two["_id"]})
    db["products"].update_one({"_id": one["_id"]}, {"$inc": {"viewsCount": 1}})
    assert keeper.catch_up() == 1
    assert ops_db["productsearch"].count_documents({}) == 1
    assert {word["_id"] for word in ops_db["searchwords"].find({"count": {"$gt": 0}})} == {
        "samovar",
        "a",
        "thing",
        "to",
        "have",
    }


def test_a_lost_place_puts_everything_anew(app: Flask, client: FlaskClient, db: Database, ops_db: Database) -> None:
    keeper = app.extensions[keeping.EXTENSION]
    make_product(db, name="teapot")
    assert found(client, "teapot") == ["teapot"]
    make_product(db, name="kettle")
    ops_db["searchstate"].update_one({}, {"$set": {"token": {"_data": "8263" + "0" * 20}}})
    keeper.catch_up()
    assert found(client, "kettle") == ["kettle"]


def test_many_products_are_put_while_the_first_search_is_told_to_come_back(
    app: Flask, client: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FEW", 1)
    for _ in range(3):
        make_product(db, name="mug")
    answer = client.get("/api/products/search?q=mug")
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "search_not_ready", "5")
    deadline = time.monotonic() + 10
    while client.get("/api/products/search?q=mug").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert len(found(client, "mug")) == 3
