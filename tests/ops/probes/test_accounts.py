"""The probe's accounts: nothing of them stays, and nobody else's are touched."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.probes import ProbeRun, run
from mixillo.ops.probes import accounts as probe_accounts
from mixillo.ops.probes.accounts import InDatabase, Names
from mixillo.ops.probes.http import Request, Server
from tests.ops.probes.digests import contents
from tests.ops.probes.speaker import Speaker


def person(name: str, **fields: Any) -> dict[str, Any]:
    return {"username": name, "email": f"{name}@example.com", "status": "active", "createdAt": clock.now()} | fields


@pytest.fixture
def people(db: Database, ops_db: Database) -> None:
    """Some people who are here already, and what they left."""
    ids = db["users"].insert_many([person(f"person_{i}") for i in range(5)]).inserted_ids
    db["follows"].insert_one({"followerId": ids[0], "followingId": ids[1], "createdAt": clock.now()})
    later = clock.now() + timedelta(days=1)
    ops_db["loginfailures"].insert_one({"_id": "name:abc", "guesses": [], "expiresAt": later})


@pytest.mark.usefixtures("people")
def test_a_run_that_is_interrupted_cleans_up(
    mixillo: str, accounts: InDatabase, db: Database, ops_db: Database
) -> None:
    before = contents(db, ops_db)

    def interrupt(done: int, _total: int, _label: str) -> None:
        if done == 60:
            assert db["users"].count_documents({"username": {"$regex": "^probe_"}}) > 0
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(mixillo, accounts=accounts, progress=interrupt)
    assert contents(db, ops_db) == before


@pytest.mark.usefixtures("people")
def test_what_a_killed_run_left_is_removed_by_the_next_when_it_is_old(
    mixillo: str, db: Database, ops_db: Database
) -> None:
    before = contents(db, ops_db)
    old, young = InDatabase(db, ops_db), InDatabase(db, ops_db)
    old.make("admin")
    target = old.target()
    long_ago = clock.now() - timedelta(minutes=61)
    db["users"].update_many({"username": {"$regex": f"^{old.names.prefix}"}}, {"$set": {"createdAt": long_ago}})
    account = young.make("user")
    body = {"identifier": account.email, "password": account.password}
    token = Server(mixillo).send(Request("POST", "/api/auth/login", body=body)).data()["token"]
    assert Server(mixillo).send(Request("POST", f"/api/users/{target}/follow", token)).status == 200

    run(mixillo, module="health", accounts=InDatabase(db, ops_db))
    names = [user["username"] for user in db["users"].find({"username": {"$regex": "^probe_"}})]
    assert names == [account.username]
    assert db["follows"].count_documents({}) == 1  # the one of the people

    assert young.remove() == []
    assert contents(db, ops_db) == before


def test_leftovers_are_removed_in_production_too(
    probe: Callable[..., ProbeRun], speaker: Speaker, db: Database, ops_db: Database
) -> None:
    speaker.environment = "production"
    InDatabase(db, ops_db).make("user")
    db["users"].update_many({}, {"$set": {"createdAt": clock.now() - timedelta(hours=2)}})
    probe(module="health", accounts=InDatabase(db, ops_db))
    assert db["users"].count_documents({}) == 0


def test_people_with_names_like_the_probes_are_left_alone(db: Database, ops_db: Database) -> None:
    names = InDatabase(db, ops_db).names
    long_ago = clock.now() - timedelta(days=1)
    like = [
        person(f"{names.prefix}1", email="somebody@example.com", createdAt=long_ago),
        person("probe_fan", email="probe_fan@probe.invalid", createdAt=long_ago),
        person("x", email=f"x{names.prefix}1@probe.invalid", createdAt=long_ago),
        person("y", email=f"{names.prefix}1@probe.invalid.example.com", createdAt=long_ago),
        person("z", email=f"{names.prefix}1@probeXinvalid", createdAt=long_ago),
    ]
    db["users"].insert_many(like)
    assert probe_accounts.remove(db, ops_db, names.prefix) == 0
    assert probe_accounts.remove_leftovers(db, ops_db) == 0
    assert db["users"].count_documents({}) == len(like)


@pytest.mark.parametrize("prefix", ["", "p", ".*", "probe_", "probe_12345678", "probe_1234567g_"])
def test_only_the_names_of_a_run_can_be_removed(db: Database, ops_db: Database, prefix: str) -> None:
    with pytest.raises(ValueError, match="is not the prefix of a run"):
        probe_accounts.remove(db, ops_db, prefix)


def test_what_refers_to_an_account_goes_with_it(db: Database, ops_db: Database) -> None:
    accounts = InDatabase(db, ops_db)
    ours, theirs = ObjectId(accounts.target()), ObjectId()
    pairs: list[dict[str, Any]] = [
        {"followerId": ours, "followingId": theirs},
        {"followerId": theirs, "followingId": ours},
    ]
    db["follows"].insert_many([*pairs, {"followerId": theirs, "followingId": ObjectId()}])
    db["blockedusers"].insert_one({"userId": theirs, "blockedUserId": ours})
    ops_db["sessions"].insert_many([{"userId": ours}, {"userId": theirs}])
    later = clock.now() + timedelta(days=1)
    ops_db["loginfailures"].insert_many(
        [
            {"_id": f"known:{ours}:127.0.0.1", "expiresAt": later},
            {"_id": f"known:{theirs}:127.0.0.1", "expiresAt": later},
        ]
    )
    accounts.remove()
    assert db["follows"].count_documents({}) == 1
    assert db["blockedusers"].count_documents({}) == 0
    assert ops_db["sessions"].count_documents({}) == 1
    assert ops_db["loginfailures"].count_documents({}) == 1


@pytest.mark.slow
def test_registered_accounts_that_stay_are_told(mixillo: str, db: Database, ops_db: Database) -> None:
    before = contents(db, ops_db)
    found = run(mixillo)
    left = list(db["users"].find({}, {"username": 1}))
    assert left
    assert found.notes == [
        f"Accounts named {left[0]['username'][:15]}* stay at the target; `mixillo probe` on a machine with access to "
        "its database removes them."
    ]
    db["users"].update_many({}, {"$set": {"createdAt": clock.now() - timedelta(hours=2)}})
    probe_accounts.remove_leftovers(db, ops_db)
    assert contents(db, ops_db) == before


def test_names_are_new_in_every_run_and_short_enough_to_register() -> None:
    names = [Names().account().username for _ in range(100)]
    assert len(set(names)) == 100
    assert max(map(len, names)) <= 30
