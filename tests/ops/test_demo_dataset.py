"""The dataset ``demo`` is consistent: references lead somewhere, counters count rows, money adds up."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient

from mixillo.core.money import house_wallet_id
from mixillo.core.passwords import verify_password
from mixillo.ops.datasets import LoadResult, demo, load
from tests.ops.demo_shape import (
    COUNTERS,
    IN_THE_FUTURE,
    MOMENT,
    MONEY,
    PASSWORD,
    SUMS,
    TARGET_OF,
    TARGETS,
    TYPED,
    TYPES,
    UNIQUE,
    Documents,
    Row,
)
from tests.references import dates, own_ids, references

pytestmark = pytest.mark.xdist_group("datasets")
NAME = "mixillo_test_demo"


@pytest.fixture(scope="module")
def result(mongo_client: MongoClient) -> Iterator[LoadResult]:
    """The demo, loaded once into a database with the unique indexes of the existing one; the tests only read."""
    database = mongo_client[NAME]
    mongo_client.drop_database(NAME)
    mongo_client.drop_database(f"{NAME}_ops")
    for collection, indexes in UNIQUE.items():
        for fields in indexes:
            database[collection].create_index([(field, 1) for field in fields.split()], unique=True)
    database["wallets"].create_index("userId", unique=True, partialFilterExpression={"userId": {"$exists": True}})
    journal = mongo_client[f"{NAME}_ops"]["datasets"]
    yield load(database, "demo", demo_password=PASSWORD, moment=MOMENT, journal=journal)
    mongo_client.drop_database(NAME)
    mongo_client.drop_database(f"{NAME}_ops")


@pytest.fixture(scope="module")
def documents(mongo_client: MongoClient, result: LoadResult) -> Documents:
    """Everything in the loaded demo."""
    database = mongo_client[NAME]
    return {name: list(database[name].find()) for name in database.list_collection_names()}


@pytest.fixture(scope="module")
def ledger(mongo_client: MongoClient, result: LoadResult) -> Documents:
    """What the demo has for the technical database."""
    database = mongo_client[f"{NAME}_ops"]
    return {name: list(database[name].find({"dataset": "demo"})) for name in ("transfers", "holds")}


def named(documents: Documents, username: str) -> Row:
    return next(user for user in documents["users"] if user["username"] == username)


def value(row: Row, path: str) -> Any:
    for key in path.split("."):
        row = row.get(key, {})
    return row if row != {} else None


def test_it_has_the_promised_size_and_no_empty_collection(documents: Documents, result: LoadResult) -> None:
    assert [len(documents[name]) for name in ("users", "contents", "products")] == [500, 5000, 1000]
    assert set(documents) == set(demo.COLLECTIONS)
    assert all(documents.values())
    assert (result.collections, result.documents) == (len(documents), sum(map(len, documents.values())))


def test_every_reference_leads_to_a_document_of_the_right_kind(documents: Documents) -> None:
    ids = {name: {row["_id"] for row in rows} for name, rows in documents.items()}
    anywhere = {identity for rows in documents.values() for row in rows for identity in own_ids(row)}
    followed: Counter[str] = Counter()
    for name, rows in documents.items():
        for row in rows:
            if row.get("referenceType") == "withdrawal":  # leads to the ledger, which is tested below
                continue
            for path, target in references(row):
                field = path.split(".")[-1]
                if (name, field) == ("moderationqueues", "contentId"):  # leads to several, which is tested below
                    continue
                kind = "categories" if (name, field) == ("categories", "parentId") else TARGET_OF.get(field)
                assert target in (ids[kind] if kind else anywhere), (name, path, target)
                followed[kind or f"{name}.{path}"] += 1
    assert set(TARGETS) <= set(followed)


@pytest.mark.parametrize(("name", "field", "kind"), TYPED)
def test_a_typed_reference_leads_to_its_type(documents: Documents, name: str, field: str, kind: str) -> None:
    typed = [(row[field], row[kind]) for row in documents[name] if field in row and row[kind] != "withdrawal"]
    ids = {each: {row["_id"] for row in documents[TYPES[each]]} for each in {each for _target, each in typed}}
    assert len(ids) > 1
    assert all(target in ids[each] for target, each in typed)


@pytest.mark.parametrize(("name", "counter", "rows", "link"), COUNTERS)
def test_a_counter_counts_its_rows(documents: Documents, name: str, counter: str, rows: str, link: str) -> None:
    counted = Counter(value(row, link) for row in documents[rows])
    assert {row["_id"]: value(row, counter) for row in documents[name]} == {
        row["_id"]: counted[row["_id"]] for row in documents[name]
    }
    assert any(value(row, counter) for row in documents[name])


@pytest.mark.parametrize(("name", "total", "rows", "link", "field"), SUMS)
def test_a_total_is_the_sum_of_its_rows(
    documents: Documents, name: str, total: str, rows: str, link: str, field: str
) -> None:
    sums: defaultdict[Any, float] = defaultdict(int)
    for row in documents[rows]:
        sums[row.get(link)] += row[field]
    for row in documents[name]:
        assert row[total] == pytest.approx(sums[row["_id"]])
    assert any(row[total] for row in documents[name])


def test_views_of_different_people_are_counted_once_each(documents: Documents) -> None:
    viewers = defaultdict(set)
    for view in documents["views"]:
        viewers[view["contentId"]].add(view["userId"])
    assert all(post["uniqueViewsCount"] == len(viewers[post["_id"]]) for post in documents["contents"])


def test_each_row_of_a_wallet_starts_where_the_last_one_ended(documents: Documents) -> None:
    rows = defaultdict(list)
    for row in documents["transactions"]:
        assert isinstance(row["amount"], int)
        if row["status"] == "completed":
            assert row["balanceAfter"] == row["balanceBefore"] + row["amount"]
            rows[row["walletId"]].append(row)
    for wallet in documents["wallets"]:
        own = rows[wallet["_id"]]
        assert wallet["balance"] == sum(row["amount"] for row in own)
        assert [row["createdAt"] for row in own] == sorted(row["createdAt"] for row in own)
        assert all(before["balanceAfter"] == after["balanceBefore"] for before, after in pairwise(own))
        if "userId" in wallet:
            assert min(row["balanceAfter"] for row in own) >= 0
            assert 0 <= wallet["withdrawableBalance"] <= wallet["balance"] - wallet["pending"]


def test_the_house_keeps_no_balance_and_has_no_rows(documents: Documents) -> None:
    house = {wallet["_id"]: wallet for wallet in documents["wallets"] if "account" in wallet}
    assert len(house) == 13
    assert len(documents["wallets"]) == 500 + 13
    assert {wallet["balance"] for wallet in house.values()} == {0}
    assert all(row["walletId"] not in house and row["userId"] for row in documents["transactions"])


def test_the_ledger_agrees_with_wallets_and_rows(ledger: Documents, documents: Documents) -> None:
    sums: Counter[ObjectId] = Counter()
    for transfer in ledger["transfers"]:
        sums[transfer["debit"]] -= transfer["amount"]
        sums[transfer["credit"]] += transfer["amount"]
    wallets = {wallet["_id"]: wallet for wallet in documents["wallets"] if "userId" in wallet}
    assert all(sums[key] == wallet["balance"] for key, wallet in wallets.items())
    house = {name: sums[house_wallet_id(name, "coins")] for name in ("issued", "revenue", "payouts", "escrow")}
    assert house["revenue"] == sum(gift["platformFee"] for gift in documents["gifttransactions"]) > 0
    assert house["issued"] < 0 < house["payouts"]
    assert sum(house.values()) + sum(wallet["balance"] for wallet in wallets.values()) == 0
    assert {row["entryId"] for row in documents["transactions"] if row["status"] == "completed"} == {
        transfer["entryId"] for transfer in ledger["transfers"]
    }


def test_the_wallets_of_closed_accounts_are_frozen(documents: Documents) -> None:
    closed = {user["_id"] for user in documents["users"] if user["status"] in ("banned", "suspended")}
    assert {wallet["userId"] for wallet in documents["wallets"] if wallet["isLocked"]} == closed != set()


def test_some_withdrawals_wait_for_a_decision(ledger: Documents, documents: Documents) -> None:
    held: Counter[ObjectId] = Counter()
    rows = {row["_id"]: row for row in documents["transactions"]}
    for hold in ledger["holds"]:
        held[hold["walletId"]] += hold["amount"]
        assert (rows[hold["rowId"]]["status"], rows[hold["rowId"]]["amount"]) == ("pending", -hold["amount"])
    assert len(held) == 9
    assert all(wallet.get("pending", 0) == held[wallet["_id"]] for wallet in documents["wallets"])


def test_a_gift_splits_into_earnings_and_fee(documents: Documents) -> None:
    for gift in documents["gifttransactions"]:
        assert gift["totalCost"] == gift["unitPrice"] * gift["quantity"]
        assert gift["creatorEarnings"] == gift["totalCost"] * 70 // 100
        assert gift["totalCost"] == gift["creatorEarnings"] + gift["platformFee"]
        assert gift["senderId"] != gift["recipientId"]


def test_orders_add_up_to_the_cent(documents: Documents) -> None:
    for order in documents["orders"]:
        cents = {field: round(order[field] * 100) for field in ("subtotal", "tax", "shipping", "discount", "total")}
        assert cents["subtotal"] == sum(round(item["price"] * 100) * item["quantity"] for item in order["items"])
        assert cents["shipping"] == (0 if order["subtotal"] > 50 else 599)
        assert cents["total"] == cents["subtotal"] + cents["tax"] + cents["shipping"] - cents["discount"]
        assert order["status"] == order["statusHistory"][-1]["status"]


def test_prices_have_two_decimals(documents: Documents) -> None:
    for name in ("products", "orders", "payments", "carts", "stores"):
        for row in documents[name]:
            for field in MONEY & row.keys():
                assert isinstance(row[field], int | float)
                assert row[field] == round(row[field], 2)


def test_sold_units_are_those_of_the_orders_that_stand(documents: Documents) -> None:
    sold: Counter[ObjectId] = Counter()
    for order in documents["orders"]:
        if order["status"] not in ("pending", "cancelled", "returned"):
            sold.update({item["productId"]: 0 for item in order["items"]})
            for item in order["items"]:
                sold[item["productId"]] += item["quantity"]
    assert all(product["salesCount"] == sold[product["_id"]] for product in documents["products"])


def test_nothing_has_happened_after_the_moment(documents: Documents) -> None:
    for name, rows in documents.items():
        for row in rows:
            for path, at in dates(row):
                assert at <= MOMENT or (name, path) in IN_THE_FUTURE, (name, path, at)


def test_posts_count_the_comments_that_are_shown(documents: Documents) -> None:
    shown = Counter(comment["contentId"] for comment in documents["comments"] if comment["status"] == "approved")
    assert all(post["commentsCount"] == shown[post["_id"]] for post in documents["contents"])
    assert {comment["status"] for comment in documents["comments"]} == {"approved", "pending", "blocked"}
    assert any(comment["isPinned"] for comment in documents["comments"])


def test_nobody_reacts_to_a_post_before_it_is_published(documents: Documents) -> None:
    published = {post["_id"]: post["createdAt"] for post in documents["contents"]}
    joined = {user["_id"]: user["createdAt"] for user in documents["users"]}
    for name, field in (("views", "viewedAt"), ("likes", "createdAt"), ("comments", "createdAt")):
        for row in documents[name]:
            assert row[field] >= max(published[row["contentId"]], joined[row["userId"]])


def test_stories_are_alive_for_hours_and_streams_are_live_planned_and_past(documents: Documents) -> None:
    assert all(story["expiresAt"] > MOMENT + timedelta(hours=5) for story in documents["stories"])
    views = Counter(view["storyId"] for view in documents["storyviews"])
    assert all(story["viewsCount"] == views[story["_id"]] for story in documents["stories"])
    assert {story["visibility"] for story in documents["stories"]} == {"public", "close"}
    states = Counter(stream["status"] for stream in documents["livestreams"])
    assert states == {"live": 8, "scheduled": 12, "ended": 40}


def test_unread_messages_are_those_the_other_has_not_read(documents: Documents) -> None:
    unread = Counter((row["conversationId"], row["senderId"]) for row in documents["messages"] if not row["isRead"])
    for talk in documents["conversations"]:
        for status in talk["participantStatus"]:
            (other,) = set(talk["participants"]) - {status["userId"]}
            assert status["unreadCount"] == unread[talk["_id"], other]


def test_three_people_can_sign_in_and_nobody_else(documents: Documents, result: LoadResult) -> None:
    assert {(each.username, each.email, each.role) for each in result.accounts} == {
        ("ada", "ada@example.com", "admin"),
        ("sam", "sam@example.com", "seller"),
        ("una", "una@example.com", "user"),
    }
    assert {each.password for each in result.accounts} == {PASSWORD}
    for each in result.accounts:
        user = named(documents, each.username)
        assert (user["role"], user["status"], user["email"]) == (each.role, "active", each.email)
        assert verify_password(user["password"], PASSWORD)
    (others,) = {user["password"] for user in documents["users"] if user["username"] not in ("ada", "sam", "una")}
    assert others.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not verify_password(others, PASSWORD)


def test_the_named_people_have_something_to_see(documents: Documents) -> None:
    una, sam = named(documents, "una"), named(documents, "sam")
    (store,) = (store for store in documents["stores"] if store["sellerId"] == sam["_id"])
    assert sam["storeId"] == store["_id"]
    assert store["productsCount"] >= 20
    assert store["totalSales"] > 0
    assert una["followingCount"] >= 20
    assert una["followersCount"] >= 20
    assert sum(post["userId"] == una["_id"] for post in documents["contents"]) >= 20
    news = [row for row in documents["notifications"] if row["userId"] == una["_id"]]
    assert {row["type"] for row in news} >= {"like", "comment", "follow", "order"}
    assert 0 < sum(not row["isRead"] for row in news) < len(news)
    assert any(row["count"] > 1 and "and" in row["body"] for row in news)
    assert sum(order["userId"] == una["_id"] for order in documents["orders"]) >= 5
    assert any(cart["userId"] == una["_id"] for cart in documents["carts"])
    assert any(una["_id"] in talk["participants"] for talk in documents["conversations"])
