"""Pruning keeps what the policy promises, whatever the backups look like."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.backups import Backup, Policy, catalogue, history, latest, open_storage, prune
from mixillo.ops.backups.locating import MARKER
from mixillo.ops.backups.manifest import FILE, Manifest

# The driver's threads draw random numbers too, which Hypothesis takes for the strategies' doing.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
NOW = datetime(2026, 3, 31, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """A backup as the policy sees it."""

    name: str
    created_at: datetime
    verified: bool | None = None


backups = st.lists(
    st.tuples(st.integers(0, 24 * 800), st.sampled_from([True, False, None])), unique_by=lambda pair: pair[0]
).map(lambda pairs: [Made(str(hours), NOW - timedelta(hours=hours), verified) for hours, verified in pairs])
policies = st.builds(Policy, daily=st.integers(0, 10), weekly=st.integers(0, 6), monthly=st.integers(0, 14))


@given(backups, policies)
def test_the_newest_and_the_last_verified_always_stay(made: list[Made], policy: Policy) -> None:
    kept = policy.keep(made)
    assert not made or max(made, key=lambda b: b.created_at).name in kept
    verified = [backup for backup in made if backup.verified]
    assert not verified or max(verified, key=lambda b: b.created_at).name in kept


@given(backups, policies)
def test_each_of_the_last_days_weeks_and_months_keeps_its_newest_and_no_more_is_kept(
    made: list[Made], policy: Policy
) -> None:
    expected: set[str] = set()
    for count, form in ((policy.daily, "%Y-%m-%d"), (policy.weekly, "%G-%V"), (policy.monthly, "%Y-%m")):
        periods = sorted({f"{backup.created_at:{form}}" for backup in made}, reverse=True)[:count]
        for period in periods:
            of_it = [backup for backup in made if f"{backup.created_at:{form}}" == period]
            expected.add(max(of_it, key=lambda b: b.created_at).name)
    kept = policy.keep(made)
    assert expected <= kept
    assert len(kept - expected) <= 2


@given(backups, policies)
def test_pruning_twice_removes_nothing_more(made: list[Made], policy: Policy) -> None:
    kept = policy.keep(made)
    assert policy.keep([backup for backup in made if backup.name in kept]) == kept


@given(backups, policies)
def test_a_generous_policy_keeps_what_a_strict_one_keeps(made: list[Made], policy: Policy) -> None:
    generous = Policy(policy.daily + 1, policy.weekly + 1, policy.monthly + 1)
    assert policy.keep(made) <= generous.keep(made)


def copy_of(backup: Backup, days_ago: int) -> str:
    """Leave another backup beside ``backup`` that was made some days ago; the manifest is what counts."""
    moment = clock.now() - timedelta(days=days_ago)
    manifest = replace(backup.manifest(), name=f"{moment:%Y%m%dT%H%M%SZ}", created_at=moment)
    backup.storage.write(f"{manifest.name}/{FILE}", manifest.as_bytes())
    backup.storage.write(f"{manifest.name}/{backup.manifest().databases['owner']}/users.bson.gz", b"\0")
    return manifest.name


def test_what_is_not_kept_is_gone_and_a_dry_run_only_says_so(filled_ops: Database, backup: Backup) -> None:
    names = [backup.name, *(copy_of(backup, days) for days in range(1, 5))]
    policy = Policy(daily=2, weekly=0, monthly=0)
    planned = prune(backup.storage, policy, ops=filled_ops, dry_run=True)
    assert [entry.name for entry in planned.removed] == names[2:]
    assert [entry.name for entry in catalogue(backup.storage)] == names
    assert prune(backup.storage, policy, ops=filled_ops) == planned
    assert [entry.name for entry in catalogue(backup.storage)] == names[:2]
    assert sorted(path.name for path in Path(backup.storage.location).iterdir()) == sorted(names[:2])


def test_a_removed_backup_is_no_longer_the_latest(filled_ops: Database, backup: Backup) -> None:
    newer = (clock.now() + timedelta(days=1)).strftime("%Y%m%dT%H%M%SZ")
    manifest = replace(backup.manifest(), name=newer, created_at=clock.now() + timedelta(days=1))
    backup.storage.write(f"{newer}/{FILE}", manifest.as_bytes())
    prune(backup.storage, Policy(1, 0, 0), ops=filled_ops)
    assert latest(filled_ops) is None
    assert history(filled_ops)[0]["removedAt"] is not None


def test_partial_backups_go_after_a_day_and_damaged_ones_stay(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path))
    for days_ago, file, content in ((0, MARKER, b"why"), (2, MARKER, b"why"), (3, FILE, b"{")):
        storage.write(f"{clock.now() - timedelta(days=days_ago):%Y%m%dT%H%M%SZ}/{file}", content)
    storage.write("holiday-photos/1.jpg", b"mine")
    pruned = prune(storage, Policy())
    assert [entry.state for entry in pruned.removed] == ["partial"]
    assert [entry.state for entry in catalogue(storage)] == ["partial", "damaged"]
    assert storage.read("holiday-photos/1.jpg") == b"mine"


def test_a_manifest_is_the_first_thing_to_go(tmp_path: Path) -> None:
    """A removal that is cut off must leave a partial backup, not one that lacks files."""
    order: list[str] = []
    storage = open_storage(str(tmp_path))
    remove, remove_folder = storage.remove, storage.remove_folder
    storage.remove = lambda path: (order.append(path), remove(path))  # type: ignore[assignment,return-value,method-assign,func-returns-value]
    storage.remove_folder = lambda path: (order.append(path), remove_folder(path))  # type: ignore[assignment,return-value,method-assign,func-returns-value]
    for days in (1, 2):
        moment = clock.now() - timedelta(days=days)
        manifest = Manifest(f"{moment:%Y%m%dT%H%M%SZ}", moment, moment, 1.0, "1", "6", {}, (), (), ())
        storage.write(f"{manifest.name}/{FILE}", manifest.as_bytes())
    removed = prune(storage, Policy(1, 0, 0)).removed[0].name
    assert order == [f"{removed}/{FILE}", removed]
