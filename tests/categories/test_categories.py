"""The shelves: shown as a list and as a tree, counted, and changed by administrators only."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.products import make_category, make_product
from tests.factories.users import make_user
from tests.plans import faults, profiled


def names(client: FlaskClient, path: str = "") -> list[str]:
    return [category["name"] for category in client.get(f"/api/categories{path}").json["data"]["categories"]]


def test_categories_come_in_their_order(client: FlaskClient, db: Database) -> None:
    make_category(db, "Second", sortOrder=2)
    make_category(db, "First", sortOrder=1)
    assert names(client) == ["First", "Second"]
    assert names(client, "/mongodb") == ["First", "Second"]


def test_what_is_off_is_left_out_when_asked_for(client: FlaskClient, db: Database) -> None:
    make_category(db, "On")
    make_category(db, "Off", isActive=False)
    assert names(client, "?activeOnly=true") == ["On"]
    assert names(client) == ["On", "Off"]


def test_a_parent_lists_what_is_directly_below_it(client: FlaskClient, db: Database) -> None:
    home = make_category(db, "Home")
    kitchen = make_category(db, "Kitchen", parentId=home["_id"])
    make_category(db, "Mugs", parentId=kitchen["_id"])
    assert names(client, f"?parentId={home['_id']}") == ["Kitchen"]


def test_the_tree_holds_every_category_once_even_where_old_data_is_broken(client: FlaskClient, db: Database) -> None:
    home = make_category(db, "Home")
    make_category(db, "Kitchen", parentId=home["_id"])
    make_category(db, "Lost", parentId=db["x"].insert_one({}).inserted_id)
    one = make_category(db, "Circle")
    make_category(db, "Round", parentId=one["_id"])
    tree = client.get("/api/categories/tree").json["data"]["categories"]
    assert [(branch["name"], [child["name"] for child in branch["children"]]) for branch in tree] == [
        ("Home", ["Kitchen"]), ("Lost", []), ("Circle", ["Round"]),
    ]  # fmt: skip


def test_a_circle_in_old_data_ends(client: FlaskClient, db: Database) -> None:
    one = make_category(db, "One")
    two = make_category(db, "Two", parentId=one["_id"])
    db["categories"].update_one({"_id": one["_id"]}, {"$set": {"parentId": two["_id"]}})
    assert names(client) == ["One", "Two"]
    assert client.get("/api/categories/tree").status_code == 200


def test_products_on_sale_are_counted_in_and_below_a_category(client: FlaskClient, db: Database) -> None:
    home = make_category(db, "Home", productsCount=99)
    kitchen = make_category(db, "Kitchen", parentId=home["_id"])
    make_product(db, category=home["_id"])
    make_product(db, category=kitchen["_id"])
    make_product(db, category=kitchen["_id"], status="out_of_stock")
    make_product(db, category=kitchen["_id"], status="draft", isPublished=False)
    found = client.get("/api/categories").json["data"]["categories"]
    assert [category["productsCount"] for category in found] == [3, 2]


@pytest.mark.parametrize("field", ["slug", "_id"])
def test_a_category_is_shown_by_slug_and_by_id(client: FlaskClient, db: Database, field: str) -> None:
    category = make_category(db, "Home")
    answer = client.get(f"/api/categories/{category[field]}")
    assert answer.json["data"]["category"]["_id"] == str(category["_id"])


@pytest.mark.parametrize("text", ["nothing", "0" * 24])
def test_an_unknown_category_is_a_404(client: FlaskClient, db: Database, text: str) -> None:
    assert client.get(f"/api/categories/{text}").status_code == 404


def test_slugs_are_made_from_names_and_unique(as_admin: FlaskClient) -> None:
    slugs = []
    for name in ("Café & Thé", "Cafe and The", "ملابس", "!!", "mongodb"):
        answer = as_admin.post("/api/categories", json={"name": name})
        assert answer.status_code == 201, answer.json
        slugs.append(answer.json["data"]["category"]["slug"])
        assert unquote(answer.headers["Location"]) == f"/api/categories/{slugs[-1]}"
    assert slugs == ["cafe-and-the", "cafe-and-the-2", "ملابس", "category", "mongodb-2"]


def test_two_administrators_at_once_get_two_slugs(app: Flask, db: Database) -> None:
    clients = [client_of(app, make_user(db, role="admin")) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: client.post("/api/categories", json={"name": "Same"}), clients))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json["data"]["category"]["slug"] for answer in answers}) == 4


def test_a_change_shows_at_once_and_keeps_the_address(as_admin: FlaskClient, db: Database, ops_db: Database) -> None:
    category = make_category(db, "Home")
    assert names(as_admin) == ["Home"]
    answer = as_admin.put(f"/api/categories/{category['slug']}", json={"name": "House", "description": "x"})
    assert (answer.status_code, answer.json["data"]["category"]["slug"]) == (200, category["slug"])
    assert names(as_admin) == ["House"]
    (entry,) = ops_db["auditlog"].find({"action": "category.changed"})
    assert entry["changes"]["before"] == {"name": "Home", "description": None}


def test_a_category_is_never_below_itself(as_admin: FlaskClient, db: Database) -> None:
    home = make_category(db, "Home")
    kitchen = make_category(db, "Kitchen", parentId=home["_id"])
    for parent in (home, kitchen):
        answer = as_admin.put(f"/api/categories/{home['_id']}", json={"parentId": str(parent["_id"])})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "parentId")
    assert as_admin.put(f"/api/categories/{home['_id']}", json={"parentId": "0" * 24}).status_code == 400
    assert as_admin.put(f"/api/categories/{kitchen['_id']}", json={"parentId": None}).status_code == 200


def test_what_is_not_empty_stays(as_admin: FlaskClient, db: Database, ops_db: Database) -> None:
    home = make_category(db, "Home")
    kitchen = make_category(db, "Kitchen", parentId=home["_id"])
    product = make_product(db, category=kitchen["_id"], status="draft", isPublished=False)
    for category in (home, kitchen):
        answer = as_admin.delete(f"/api/categories/{category['slug']}")
        assert (answer.status_code, answer.json["code"]) == (409, "category_in_use")
    db["products"].delete_one({"_id": product["_id"]})
    for category in (kitchen, home):
        assert as_admin.delete(f"/api/categories/{category['slug']}").status_code == 200
    assert names(as_admin) == []
    assert ops_db["auditlog"].count_documents({"action": "category.removed"}) == 2


@pytest.mark.parametrize("role", ["user", "seller"])
def test_only_administrators_change_categories(app: Flask, db: Database, role: str) -> None:
    category = make_category(db)
    client = client_of(app, make_user(db, role=role))
    path = f"/api/categories/{category['slug']}"
    assert client.post("/api/categories", json={"name": "x"}).status_code == 403
    assert (client.put(path, json={}).status_code, client.delete(path).status_code) == (403, 403)


def test_older_paths_name_their_successors(as_admin: FlaskClient, db: Database) -> None:
    category = make_category(db)
    answer = as_admin.get(f"/api/categories/mongodb/{category['_id']}")
    assert answer.headers["Deprecation"]
    assert f"/api/categories/{category['_id']}" in answer.headers["Link"]


def test_queries_use_indexes(as_admin: FlaskClient, db: Database, ops_db: Database) -> None:
    home = make_category(db)
    for _ in range(5):
        make_product(db, category=home["_id"])
    with profiled(db, ops_db) as entries:
        assert as_admin.get("/api/categories").status_code == 200
        assert as_admin.post("/api/categories", json={"name": "New"}).status_code == 201
        assert as_admin.put(f"/api/categories/{home['slug']}", json={"name": "Other"}).status_code == 200
        assert as_admin.delete(f"/api/categories/{home['slug']}").status_code == 409
    # All categories are read at once on purpose: the index gives their order.
    assert faults(entries) == []
