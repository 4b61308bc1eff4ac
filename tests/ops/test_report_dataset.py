"""The dataset ``report`` is the database that the stabilization report audited, figure by figure."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import bcrypt
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from mixillo.ops.datasets import load
from mixillo.ops.datasets.collections import REPORT_COLLECTIONS
from tests.references import dates, own_ids, references

pytestmark = pytest.mark.xdist_group("datasets")
NAME = "mixillo_test_report"
# The table "Collection Distribution (Top 10)" of the report: documents and KB.
TOP_TEN = {
    "eventtrackings": (1001, 241),
    "useranalytics": (88, 71),
    "platformanalytics": (31, 37),
    "wallets": (19, 16),
    "categories": (10, 2),
    "supporterbadges": (6, 4),
    "users": (6, 4),
    "contents": (6, 3),
    "creditpackages": (5, 2),
    "supportertiers": (5, 2),
}
LAST_DAY = datetime(2025, 11, 14, tzinfo=UTC)

Documents = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def database(mongo_client: MongoClient) -> Iterator[Database]:
    """The loaded report; these tests only read."""
    mongo_client.drop_database(NAME)
    load(mongo_client[NAME], "report")
    yield mongo_client[NAME]
    mongo_client.drop_database(NAME)


@pytest.fixture(scope="module")
def documents(database: Database) -> Documents:
    """Everything in the loaded report."""
    return everything(database)


def everything(database: Database) -> Documents:
    return {name: list(database[name].find()) for name in sorted(database.list_collection_names())}


def test_there_are_107_collections_and_1193_documents(database: Database, documents: Documents) -> None:
    assert len(REPORT_COLLECTIONS) == len(set(REPORT_COLLECTIONS)) == 107
    assert set(documents) == set(REPORT_COLLECTIONS)
    assert sum(map(len, documents.values())) == 1193
    assert database.command("dbStats")["objects"] == 1193


def test_the_ten_largest_collections_have_the_documents_and_sizes_of_the_report(database: Database) -> None:
    figures = {}
    for name in database.list_collection_names():
        ((figure),) = database[name].aggregate([{"$collStats": {"storageStats": {}}}])
        figures[name] = (figure["storageStats"]["count"], round(figure["storageStats"]["size"] / 1024))
    assert {name: figures[name] for name in TOP_TEN} == TOP_TEN
    assert all(count < 5 for name, (count, _size) in figures.items() if name not in TOP_TEN)
    assert 380 <= sum(size for _count, size in figures.values()) <= 420


def test_exactly_the_six_contents_name_somebody_who_does_not_exist(documents: Documents) -> None:
    ids = {identity for rows in documents.values() for row in rows for identity in own_ids(row)}
    dangling = [
        (name, path)
        for name, rows in documents.items()
        for row in rows
        for path, value in references(row)
        if value not in ids
    ]
    assert dangling == [("contents", "userId")] * 6


def test_every_reference_leads_to_the_collection_it_is_named_after(documents: Documents) -> None:
    ids = {name: {row["_id"] for row in rows} for name, rows in documents.items()}
    for name in ("eventtrackings", "useranalytics"):
        assert {row["user"] for row in documents[name]} == ids["users"]
    viewed = [row["relatedEntities"]["productId"] for row in documents["eventtrackings"] if "relatedEntities" in row]
    assert set(viewed) == ids["products"]
    for product in documents["products"]:
        assert product["sellerId"] in ids["users"]
        assert product["storeId"] in ids["stores"]
        assert product["category"] in ids["categories"]
        assert product["viewsCount"] == Counter(viewed)[product["_id"]]
    shelved = Counter(product["category"] for product in documents["products"])
    assert all(category["productsCount"] == shelved[category["_id"]] for category in documents["categories"])


def test_six_wallets_belong_to_the_users_and_thirteen_to_the_house(documents: Documents) -> None:
    personal = [wallet for wallet in documents["wallets"] if "userId" in wallet]
    house = [wallet for wallet in documents["wallets"] if "userId" not in wallet]
    assert {wallet["userId"] for wallet in personal} == {user["_id"] for user in documents["users"]}
    assert len(personal) == 6
    accounts = {(wallet["account"], wallet["currency"]) for wallet in house}
    assert len(house) == len(accounts) == 13
    assert {currency for _account, currency in accounts} == {"coins", "USD", "EUR", "GBP"}
    assert all(wallet["balance"] == 0 for wallet in documents["wallets"])


def test_nobody_can_sign_in_with_the_hash_of_a_forgotten_password(documents: Documents) -> None:
    (hashed,) = {user["password"] for user in documents["users"]}
    assert hashed.startswith("$2a$10$")
    assert not bcrypt.checkpw(b"password", hashed.encode())
    assert Counter(user["role"] for user in documents["users"]) == {"superadmin": 1, "admin": 1, "seller": 1, "user": 3}


def test_the_supporter_catalogue_has_the_figures_of_the_seeds(documents: Documents) -> None:
    packages = [
        (each["name"], each["credits"], each["bonusCredits"], each["price"]["amount"], each["firstTimeBonusCredits"])
        for each in documents["creditpackages"]
    ]
    assert packages == [
        ("starter", 100, 0, 0.99, 0),
        ("basic", 500, 50, 4.99, 0),
        ("premium", 1200, 300, 9.99, 0),
        ("mega", 3000, 1000, 24.99, 500),
        ("ultra", 10000, 5000, 99.99, 2000),
    ]
    tiers = [
        (each["requirements"]["totalSpent"], each["benefits"]["discountPercentage"])
        for each in documents["supportertiers"]
    ]
    assert tiers == [(0, 0), (500, 5), (2000, 10), (5000, 15), (10000, 20)]
    requirements = [tuple(each["requirements"].values()) for each in documents["supporterbadges"]]
    assert requirements == [
        ("gifts_sent", 1),
        ("spending", 1000),
        ("spending", 10000),
        ("spending", 50000),
        ("supporters_count", 100),
        ("days_active", 30),
    ]


def test_the_dates_are_those_of_the_report(documents: Documents) -> None:
    days = Counter(event["timestamp"].date() for event in documents["eventtrackings"])
    assert sorted(days) == [(LAST_DAY - timedelta(days=back)).date() for back in range(6, -1, -1)]
    assert set(days.values()) == {143}
    platform = [row["date"] for row in documents["platformanalytics"]]
    assert platform == [LAST_DAY - timedelta(days=back) for back in range(30, -1, -1)]
    pairs = {(row["user"], row["date"]) for row in documents["useranalytics"]}
    assert len(pairs) == 88
    latest = max(at for rows in documents.values() for row in rows for _path, at in dates(row))
    assert latest < LAST_DAY + timedelta(days=1)


def test_the_daily_rows_are_counted_from_the_events(documents: Documents) -> None:
    seen = Counter(
        (event["user"], event["timestamp"].date())
        for event in documents["eventtrackings"]
        if event["eventType"] == "product_view"
    )
    visits: dict[Any, set[str]] = {}
    for event in documents["eventtrackings"]:
        visits.setdefault((event["user"], event["timestamp"].date()), set()).add(event["sessionId"])
    for row in documents["useranalytics"]:
        key = (row["user"], row["date"].date())
        if row["date"] >= LAST_DAY - timedelta(days=6):
            assert row["shopping"]["productsViewed"] == seen[key]
            assert row["sessions"]["count"] == len(visits[key])
    for row in documents["platformanalytics"][-7:]:
        assert row["users"] == row["users"] | {"total": 6, "active": 6, "new": 0}


def test_two_loads_differ_in_nothing_but_the_password(mongo_client: MongoClient, documents: Documents) -> None:
    again = mongo_client[f"{NAME}_again"]
    mongo_client.drop_database(again)
    load(again, "report")
    second = everything(again)
    mongo_client.drop_database(again)
    passwords = {user.pop("password") for user in [*second["users"], *(dict(user) for user in documents["users"])]}
    first = documents | {"users": [{k: v for k, v in user.items() if k != "password"} for user in documents["users"]]}
    assert len(passwords) == 2
    assert first == second
