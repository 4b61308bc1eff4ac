"""Every query about wallets is found by an index, in the order that it is answered in."""

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.wallets.services import ledger
from tests.factories.auth import client_of
from tests.factories.users import make_user
from tests.factories.wallets import earn, give
from tests.plans import faults, profiled

BANK = {"iban": "DE02120300000000202051"}
NOW = "2026-01-31T12:00:00.000Z"
READS = [
    "/api/wallets", "/api/wallets?currency=USD", "/api/wallet/balance", "/api/wallets/{id}", "/api/wallets/{wallet}",
    "/api/wallets/{id}/balance", "/api/wallets/{id}/transactions", "/api/wallets/transactions?limit=1",
    "/api/wallets/transactions?type=bonus&limit=1", "/api/wallets/transactions?status=completed&limit=1",
    "/api/wallets/transactions?type=bonus&status=completed&currency=coins",
    f"/api/wallets/transactions?from={NOW}&total=false", "/api/wallets/transactions/{row}",
    "/api/wallets/admin/all?limit=1", "/api/wallets/admin/all?minBalance=5&maxBalance=1000",
    "/api/wallets/admin/all?frozen=true", "/api/wallets/admin/all?frozen=false", "/api/wallets/admin/all?search=person",
    "/api/wallets/admin/all?search=somebody@example.com", "/api/wallets/admin/stats", "/api/wallets/admin/{id}",
    "/api/wallets/admin/withdrawals?limit=1", "/api/wallets/admin/withdrawals?status=rejected",
    "/api/wallets/admin/withdrawals/{withdrawal}", "/api/admin/wallets/transactions?limit=1",
    "/api/admin/wallets/transactions?type=bonus&limit=1", "/api/admin/wallets/transactions?status=completed",
    "/api/admin/wallets/transactions?search={id}",
    "/api/admin/wallets/transactions/stats", "/api/admin/wallets/{id}/transactions",
]  # fmt: skip


@pytest.fixture
def places(app: Flask, db: Database) -> dict[str, str]:
    """Some wallets with rows, of which the first two ask for a withdrawal; what paths may name of the first."""
    made = [make_user(db, role="admin") for _ in range(8)]
    asked = ""
    for number, user in enumerate(made):
        give(user["_id"], 100 + number)
        earn(ledger.user(user["_id"]), 50)
        if number < 2:
            body = {"amount": 20, "method": "bank", "accountDetails": BANK}
            data = client_of(app, user).post("/api/wallets/withdraw", json=body).json["data"]
            asked = data["withdrawal"]["_id"]
    db["wallets"].update_one({"userId": made[1]["_id"]}, {"$set": {"isLocked": True}})
    wallet = db["wallets"].find_one({"userId": made[0]["_id"]})
    row = db["transactions"].find_one({"userId": made[0]["_id"]})
    named = {"id": made[0]["_id"], "wallet": wallet["_id"], "row": row["_id"], "withdrawal": asked}
    return {name: str(value) for name, value in named.items()}


@pytest.mark.parametrize("path", READS)
def test_reads_use_indexes(app: Flask, db: Database, ops_db: Database, places: dict[str, str], path: str) -> None:
    client, path = client_of(app, make_user(db, role="admin")), path.format(**places)
    if "/wallets?" in path or "balance" in path or path.startswith("/api/wallets/transactions"):
        client = client_of(app, db["users"].find_one({"_id": db["wallets"].find_one()["userId"]}))
    with profiled(db, ops_db) as entries:
        answer = client.get(path)
        cursor = (answer.json["data"].get("pagination") or {}).get("nextCursor")
        if cursor:
            assert client.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}").status_code == 200
    assert answer.status_code == 200
    assert entries
    # What the stats add up is all of the ledger that no reconciliation has closed yet.
    wanted = [fault for fault in faults(entries) if "stats" not in path or ".transfers" not in fault[0]]
    assert wanted == []


def test_the_rows_of_some_people_are_found_by_index(
    app: Flask, db: Database, ops_db: Database, places: dict[str, str]
) -> None:
    client = client_of(app, make_user(db, role="admin"))
    with profiled(db, ops_db) as entries:
        assert client.get("/api/admin/wallets/transactions?search=person").status_code == 200
    # Few rows of a few wallets may be cheaper to sort than to merge, which is for the server to say.
    assert not [entry for entry in entries if "COLLSCAN" in entry.get("planSummary", "")]


def test_writes_use_indexes(app: Flask, db: Database, ops_db: Database, places: dict[str, str]) -> None:
    other = make_user(db)
    admin, client = (
        client_of(app, make_user(db, role="admin")),
        client_of(app, db["users"].find_one({"_id": db["wallets"].find_one()["userId"]})),
    )
    with profiled(db, ops_db) as entries:
        sent = client.post("/api/wallets/transfer", json={"toUserId": str(other["_id"]), "amount": 5})
        asked = client.post("/api/wallets/withdraw", json={"amount": 1, "method": "bank", "accountDetails": BANK})
        freed = admin.post(f"/api/wallets/{places['id']}/unfreeze", json={"reason": "x"})
        added = admin.post(f"/api/wallets/{places['id']}/add-funds", json={"amount": 1, "description": "x"})
        approved = admin.post(f"/api/wallets/admin/withdrawals/{places['withdrawal']}/reject", json={"reason": "x"})
        assert [each.status_code for each in (sent, asked, freed, added, approved)] == [201, 201, 200, 200, 200]
        assert ledger.expire() == []
    assert len(entries) > 30
    assert faults(entries) == []
