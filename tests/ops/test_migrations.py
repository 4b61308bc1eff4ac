"""Migrations run in order, once, by one process at a time, and survive being killed."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pymongo.database import Database

from mixillo.ops import locks, migrations
from mixillo.ops.migrations import MigrationError, discover, rollback, status, upgrade
from mixillo.ops.mongod import Mongod

CREATES = '''"""Add a collection and an index."""


def upgrade(database, ops):
    database["{name}"].update_one({{"_id": 1}}, {{"$set": {{"done": True}}}}, upsert=True)
    database["{name}"].create_index("done")


def downgrade(database, ops):
    database.drop_collection("{name}")
'''
FAILS = '''"""Always fails."""


def upgrade(database, ops):
    raise ValueError("two users share a name")


def downgrade(database, ops):
    pass
'''
# Stops for ever in the middle of its work, once; the second time it goes through.
STALLS = '''"""Stops half-way the first time."""

import time


def upgrade(database, ops):
    _work(database, "upgrade")


def downgrade(database, ops):
    _work(database, "downgrade")


def _work(database, direction):
    first = database["stalls"].find_one({"_id": direction}) is None
    database["stalls"].update_one({"_id": direction}, {"$inc": {"runs": 1}}, upsert=True)
    if first:
        time.sleep(600)
'''
RUNNER = """
import sys
from pathlib import Path
from pymongo import MongoClient
from mixillo.ops import locks, migrations
locks.LEASE_SECONDS = 1.0
client = MongoClient(sys.argv[1])
database, ops = client[sys.argv[2]], client[sys.argv[2] + "_ops"]
print(getattr(migrations, sys.argv[4])(database, ops, directory=Path(sys.argv[3])))
"""


@pytest.fixture
def ops(database: Database) -> Database:
    """The technical database that goes with ``database``."""
    return database.client[f"{database.name}_ops"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Three migrations that work."""
    for number, name in enumerate(("users", "orders", "wallets"), 1):
        (tmp_path / f"{number:04}_{name}.py").write_text(CREATES.format(name=name), "utf-8")
    return tmp_path


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that expire within a second, so that a killed holder is soon overtaken."""
    monkeypatch.setattr(locks, "LEASE_SECONDS", 1.0)


def shape(database: Database) -> dict[str, object]:
    """Return the collections of ``database`` with their documents and indexes."""
    return {
        name: (sorted(map(str, database[name].find())), sorted(database[name].index_information()))
        for name in sorted(database.list_collection_names())
    }


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    """Return when ``condition`` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_they_are_applied_in_order_and_only_once(database: Database, ops: Database, directory: Path) -> None:
    told: list[str] = []
    assert upgrade(database, ops, directory=directory, on_applied=told.append) == told
    assert told == ["0001_users", "0002_orders", "0003_wallets"]
    assert upgrade(database, ops, directory=directory) == []
    assert {entry.state for entry in status(database, ops, directory=directory)} == {"applied"}


def test_up_down_and_up_again_is_the_same_as_up(database: Database, ops: Database, directory: Path) -> None:
    upgrade(database, ops, directory=directory)
    once = shape(database)
    assert rollback(database, ops, 0, directory=directory) == []
    assert rollback(database, ops, 2, directory=directory) == ["0003_wallets", "0002_orders"]
    assert database.list_collection_names() == ["users"]
    assert [entry.state for entry in status(database, ops, directory=directory)] == ["applied", "pending", "pending"]
    upgrade(database, ops, directory=directory)
    assert shape(database) == once
    assert len(rollback(database, ops, 10, directory=directory)) == 3
    assert database.list_collection_names() == []
    assert rollback(database, ops, directory=directory) == []


def test_the_record_says_when_how_long_by_which_version_and_of_what_text(
    database: Database, ops: Database, directory: Path
) -> None:
    upgrade(database, ops, directory=directory)
    record = ops[migrations.COLLECTION].find_one({"_id": "0001_users"})
    assert record is not None
    assert set(record) == {"_id", "startedAt", "appliedAt", "seconds", "checksum", "version"}
    path = directory / "0001_users.py"
    path.write_text(path.read_text("utf-8") + "\n# changed since\n", "utf-8")
    assert [entry.changed for entry in status(database, ops, directory=directory)] == [True, False, False]


def test_a_failing_migration_stops_the_run_and_can_be_repeated(
    database: Database, ops: Database, directory: Path
) -> None:
    good = (directory / "0002_orders.py").read_text("utf-8")
    (directory / "0002_orders.py").write_text(FAILS, "utf-8")
    with pytest.raises(MigrationError, match=r"0002_orders failed .*two users share a name.*run `mixillo db migrate`"):
        upgrade(database, ops, directory=directory)
    first, second, third = status(database, ops, directory=directory)
    assert (first.state, second.state, third.state) == ("applied", "failed", "pending")
    assert second.error == "ValueError: two users share a name"
    (directory / "0002_orders.py").write_text(good, "utf-8")
    assert upgrade(database, ops, directory=directory) == ["0002_orders", "0003_wallets"]
    assert status(database, ops, directory=directory)[1].error is None


@pytest.mark.parametrize("text", ["def upgrade(", "def upgrade(database, ops): ...", '"""Says what."""\nupgrade = 1'])
def test_a_module_that_is_not_a_migration_is_named(
    database: Database, ops: Database, directory: Path, text: str
) -> None:
    (directory / "0003_wallets.py").write_text(text, "utf-8")
    with pytest.raises(MigrationError, match="0003_wallets failed"):
        upgrade(database, ops, directory=directory)


@pytest.mark.parametrize("name", ["0005_gap.py", "0003_twice.py", "4_short.py", "0004_Upper.py", "0004-dash.py"])
def test_gaps_duplicates_and_other_names_are_refused(directory: Path, name: str) -> None:
    (directory / name).write_text(CREATES.format(name="x"), "utf-8")
    with pytest.raises(MigrationError, match=name.removesuffix(".py") if name != "0003_twice.py" else "duplicates"):
        discover(directory)


def test_older_code_runs_on_a_newer_schema_but_cannot_take_it_back(
    database: Database, ops: Database, directory: Path
) -> None:
    upgrade(database, ops, directory=directory)
    (directory / "0003_wallets.py").unlink()
    assert upgrade(database, ops, directory=directory) == []
    assert status(database, ops, directory=directory)[2].state == "unknown"
    with pytest.raises(MigrationError, match="0003_wallets was applied by another version"):
        rollback(database, ops, directory=directory)


def test_two_runners_at_once_apply_each_migration_once(database: Database, ops: Database, directory: Path) -> None:
    slow = CREATES.format(name="orders")
    slow = slow.replace("def upgrade(database, ops):\n", "def upgrade(database, ops):\n    time.sleep(0.5)\n")
    slow = slow.replace('index."""\n', 'index."""\n\nimport time\n')
    (directory / "0002_orders.py").write_text(slow, "utf-8")
    applied: list[list[str]] = []
    waited: list[str] = []
    run = lambda: applied.append(upgrade(database, ops, directory=directory, on_wait=waited.append))  # noqa: E731
    runners = [threading.Thread(target=run) for _ in range(2)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert sorted(applied, key=len) == [[], ["0001_users", "0002_orders", "0003_wallets"]]
    assert len(waited) == 1
    assert waited[0].startswith("process ")
    assert ops[locks.COLLECTION].count_documents({}) == 0


@pytest.mark.parametrize("stalled", [1, 2, 3])
@pytest.mark.parametrize("direction", ["upgrade", "rollback"])
@pytest.mark.usefixtures("short_lease")
def test_a_runner_killed_half_way_is_overtaken_and_its_step_repeated(
    mongod: Mongod, database: Database, ops: Database, directory: Path, stalled: int, direction: str
) -> None:
    path = sorted(directory.glob("*.py"))[stalled - 1]
    path.write_text(STALLS, "utf-8")
    if direction == "rollback":
        database["stalls"].insert_one({"_id": "upgrade"})
        upgrade(database, ops, directory=directory)
        rollback(database, ops, 3 - stalled, directory=directory)
    arguments = [mongod.uri, database.name, str(directory), direction]
    victim = subprocess.Popen([sys.executable, "-c", RUNNER, *arguments])
    step = "upgrade" if direction == "upgrade" else "downgrade"
    wait_for(lambda: database["stalls"].find_one({"_id": step}))
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    states = [entry.state for entry in status(database, ops, directory=directory)]
    assert states == ["applied"] * (stalled - 1) + ["interrupted"] + ["pending"] * (3 - stalled)

    if direction == "rollback":
        assert rollback(database, ops, directory=directory) == [path.stem]
        assert status(database, ops, directory=directory)[stalled - 1].state == "pending"
    else:
        assert len(upgrade(database, ops, directory=directory)) == 4 - stalled
        assert {entry.state for entry in status(database, ops, directory=directory)} == {"applied"}
    repeated = database["stalls"].find_one({"_id": step})
    assert repeated is not None
    assert repeated["runs"] == 2


@pytest.mark.usefixtures("short_lease")
def test_a_living_holder_keeps_its_lock_however_long_it_works(ops: Database) -> None:
    with locks.held(ops, "long") as first:
        first_expiry = ops[locks.COLLECTION].find_one({"_id": "long"})["expiresAt"]  # type: ignore[index]
        renewed = {"_id": "long", "expiresAt": {"$gt": first_expiry}}
        wait_for(lambda: ops[locks.COLLECTION].find_one(renewed))
        second = locks.Lock(ops, "long")
        assert not second._take()
        first.check()


@pytest.mark.usefixtures("short_lease")
def test_a_holder_that_was_overtaken_notices_before_its_next_step(ops: Database) -> None:
    with locks.held(ops, "lost") as lock:
        ops[locks.COLLECTION].update_one({"_id": "lost"}, {"$set": {"token": "somebody else"}})
        wait_for(lock._lost.is_set)
        with pytest.raises(locks.LockLost, match="taken over"):
            lock.check()
    assert ops[locks.COLLECTION].count_documents({"_id": "lost"}) == 1


def test_the_projects_own_migrations_are_numbered_and_documented() -> None:
    for migration in discover():
        assert migration.step("upgrade")
        assert migration.step("downgrade")


def test_the_projects_own_migrations_go_up_down_and_up_again(database: Database, ops: Database) -> None:
    upgrade(database, ops)
    upgraded = shape(database)
    rollback(database, ops, len(discover()))
    upgrade(database, ops)
    assert shape(database) == upgraded
    for migration in discover():  # each is safe to run again on what it has done
        migration.step("upgrade")(database, ops)
    assert shape(database) == upgraded
