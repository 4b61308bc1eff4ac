"""Revisions record themselves, deploy logs are read whole or not at all, comparisons need samples."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pymongo import MongoClient
from pymongo.database import Database

from mixillo import create_app
from mixillo.cli import main
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops import metrics, revisions
from mixillo.ops.commands import Surroundings
from mixillo.ops.comparisons import compare
from mixillo.ops.metrics import storing
from mixillo.ops.metrics.recording import Recorder
from mixillo.ops.metrics.storing import Instance
from mixillo.ops.revisions import DeployLogError, parse, records

REPORT = """
| Revision | Date | Changes | Status |
|----------|------|---------|--------|
| 00141-8t6 | Nov 13 | Previous stable version | ✅ Deployed |
| 00142-fp7 | Nov 14 | Connection fix + routes | ✅ Deployed |
| 00143-xxx | Nov 14 | Search + auth fixes | 🔄 Deploying |
"""
DEPLOYED = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def test_a_revision_is_named_by_cloud_run_else_by_version_and_commit(settings: Settings) -> None:
    assert revisions.name_of(replace(settings, revision="mixillo-00007-abc")) == "mixillo-00007-abc"
    assert revisions.name_of(replace(settings, commit="0123456789abcdef")).endswith("-0123456")


@pytest.mark.parametrize(
    ("files", "commit"),
    [
        ({}, None),
        ({"HEAD": "a" * 40}, "a" * 40),
        ({"HEAD": "ref: refs/heads/main", "refs/heads/main": "b" * 40}, "b" * 40),
        ({"HEAD": "ref: refs/heads/main", "packed-refs": f"# pack-refs\n{'c' * 40} refs/heads/main\n"}, "c" * 40),
        ({"HEAD": "ref: refs/heads/main"}, None),
    ],
)
def test_the_commit_is_read_from_the_repository(
    settings: Settings, tmp_path: Path, files: dict[str, str], commit: str | None
) -> None:
    for name, text in files.items():
        path = tmp_path / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    assert records.commit_of(settings, tmp_path) == commit


def test_the_changes_are_those_of_the_version_alone(tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 0.2.0\n\n- New.\n\n## 0.2.0-rc1\n\n- Less.\n")
    assert records.changes_of("0.2.0", tmp_path) == "- New."
    assert records.changes_of("0.1.0", tmp_path) == ""


def test_the_fingerprint_changes_with_settings_but_never_with_a_secrets_value(settings: Settings) -> None:
    original = records.fingerprint(settings)
    assert records.fingerprint(replace(settings, access_token_minutes=16)) != original
    assert records.fingerprint(replace(settings, jwt_secret="another" * 10)) == original
    assert records.fingerprint(replace(settings, jwt_secret="")) != original
    assert records.fingerprint(replace(settings, revision="another")) == original


def test_the_first_counts_record_the_revision_and_a_restart_keeps_when_it_was_first_seen(
    settings: Settings, ops_db: Database
) -> None:
    running = replace(settings, revision="mixillo-00007-abc", service="mixillo", region="europe-west1")
    for _ in range(2):
        application = create_app(running)
        assert ops_db["revisions"].count_documents({"lastSeenAt": {"$gt": clock.now()}}) == 0
        application.test_client().get("/health")
        assert metrics.flusher_of(application).flush()
    (entry,) = revisions.listing(ops_db)
    assert entry["revision"] == "mixillo-00007-abc"
    assert entry["version"] in entry["changes"] or entry["changes"].startswith("- ")
    assert entry["migrations"][0].startswith("0001_")
    assert (entry["service"], entry["region"], entry["source"]) == ("mixillo", "europe-west1", "running")
    assert entry["firstSeenAt"] < entry["lastSeenAt"]


@pytest.mark.slow
def test_an_unreachable_database_stops_neither_the_start_nor_an_answer(settings: Settings, db: Database) -> None:
    nowhere = replace(settings, mongodb_uri="mongodb://127.0.0.1:1/mixillo?serverSelectionTimeoutMS=50")
    try:
        application = create_app(nowhere)
        assert application.test_client().get("/health").status_code == 200
        assert metrics.flusher_of(application).flush() is False
        assert metrics.flusher_of(application).waiting() == 1
    finally:
        create_app(settings)


def test_the_reports_table_is_read_as_it_stands(ops_db: Database) -> None:
    rows = parse(REPORT, year=2025)
    assert rows == revisions.REPORT_REVISIONS
    assert revisions.import_rows(ops_db, rows) == 3
    assert revisions.import_rows(ops_db, rows) == 0
    assert [entry["revision"] for entry in revisions.listing(ops_db)] == ["00143-xxx", "00142-fp7", "00141-8t6"]
    assert revisions.listing(ops_db)[0]["status"] == "deploying"


@pytest.mark.parametrize(
    "text",
    [
        '{"revision": "r1", "date": "2026-03-04T09:30:00Z", "changes": "One, two", "status": "deployed"}\n\n',
        'revision,date,changes,status\nr1,2026-03-04T09:30:00Z,"One, two",deployed\n',
        'status,changes,date,revision\nDeployed,"One, two",2026-03-04 09:30,r1\n',
        "| Revision | Date | Changes | Status |\n|:--|---|---|--:|\n"
        "| r1 | 2026-03-04T10:30+01:00 | One, two |Deployed|",
    ],
)
def test_the_three_forms_say_the_same(text: str) -> None:
    assert parse(text) == [
        revisions.deploy_log.Row("r1", datetime(2026, 3, 4, 9, 30, tzinfo=UTC), "One, two", "deployed")
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["There are no deployments in it; a row has revision, date, changes, status."]),
        ("revision,date\nr1,2026-01-01\n", ["Line 1: the header lacks changes, status."]),
        (
            "revision,date,changes,status\nr1,yesterday,x,deployed\nr2,2026-01-01,x,deployed\nr 3,2026-01-01,x,odd\n"
            "r4,2026-01-01,x\nr5,,x,deployed\n",
            [
                "Line 2: the date 'yesterday' cannot be read; write it like 2025-11-14, 2025-11-14T09:30:00Z or "
                "Nov 14, 2025.",
                "Line 4: 'r 3' is not the name of a revision.",
                "Line 5: it has not 4 cells.",
                "Line 6: date must be there, as text.",
            ],
        ),
        ('{"revision": 1}\nnope\n[]', ["Line 1: revision and date and changes and status must be there, as text.",
                                        "Line 2: it is not JSON.", "Line 3: it is not an object."]),
        (REPORT, ["Line 4: the date 'Nov 13' has no year; say which with --year.",
                  "Line 5: the date 'Nov 14' has no year; say which with --year.",
                  "Line 6: the date 'Nov 14' has no year; say which with --year."]),
    ],
)  # fmt: skip
def test_each_faulty_line_is_named(text: str, problems: list[str]) -> None:
    with pytest.raises(DeployLogError) as raised:
        parse(text)
    assert raised.value.problems == problems


def test_an_imported_log_does_not_overwrite_what_a_revision_says_of_itself(
    settings: Settings, ops_db: Database
) -> None:
    revisions.record(ops_db, revisions.introduce(replace(settings, revision="r1")))
    before = ops_db["revisions"].find_one({"_id": "r1"})
    revisions.import_rows(ops_db, [revisions.deploy_log.Row("r1", DEPLOYED, "Other words", "rolled back")])
    assert ops_db["revisions"].find_one({"_id": "r1"}) == before | {"status": "rolled back"}


def test_deploy_markers_lie_in_the_window(ops_db: Database) -> None:
    revisions.import_rows(ops_db, revisions.REPORT_REVISIONS)
    since = datetime(2025, 11, 14, tzinfo=UTC)
    assert [name for _, name in revisions.markers(ops_db, since)] == ["00142-fp7", "00143-xxx"]
    assert revisions.markers(ops_db, since, since) == []


def serve(
    ops: Database, monkeypatch: pytest.MonkeyPatch, revision: str, at: datetime, *, good: int, bad: int, ms: float
) -> None:
    """Store what a revision answered in the minute of ``at``."""
    monkeypatch.setattr(clock, "now", lambda: at)
    recorder = Recorder()
    for status, count in ((200, good), (500, bad)):
        for _ in range(count):
            recorder.count("/api/users", "GET", status, ms)
    taken = recorder.take()
    assert taken is not None
    storing.store(ops, Instance(f"{revision}-{at:%H%M}", revision, at), 1, taken)


def deploy(ops: Database, revision: str, at: datetime) -> None:
    revisions.import_rows(ops, [revisions.deploy_log.Row(revision, at, "A change", "deployed")])


def test_a_comparison_sets_equal_windows_side_by_side(ops_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(ops_db, "r2", DEPLOYED)
    # The first minute of r2 is also the last that is read of what ran before.
    minutes = [timedelta(minutes=minute) for minute in (-90, -30, 0, 40)]
    for offset, revision, bad in zip(minutes, ("r1", "r1", "r2", "r2"), (200, 30, 2, 2), strict=True):
        serve(ops_db, monkeypatch, revision, DEPLOYED + offset, good=200 - bad, bad=bad, ms=400 if bad > 2 else 80)
    # r1 was still answering elsewhere after r2 had come: neither before nor r2's doing.
    serve(ops_db, monkeypatch, "r1", DEPLOYED + timedelta(minutes=20), good=0, bad=500, ms=9_000)
    ops_db["proberuns"].insert_many(
        [
            {"startedAt": DEPLOYED - timedelta(minutes=5), "revision": "r1", "passing": 7, "judged": 18},
            {"startedAt": DEPLOYED + timedelta(minutes=5), "revision": "r2", "passing": 18, "judged": 18},
        ]
    )
    found = compare(ops_db, "r2", now=DEPLOYED + timedelta(minutes=60))
    assert found is not None
    assert found.length == timedelta(minutes=60)
    assert (found.error_rate.before, found.error_rate.before_samples) == (0.15, 200)
    assert (found.error_rate.after, found.error_rate.after_samples) == (0.01, 400)
    assert found.error_rate.verdict == found.p95.verdict == found.pass_rate.verdict == "better"
    assert (found.pass_rate.before, found.pass_rate.after_samples) == (7 / 18, 18)


def test_a_worse_revision_and_an_equal_one_are_called_so(ops_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(ops_db, "r2", DEPLOYED)
    serve(ops_db, monkeypatch, "r1", DEPLOYED - timedelta(minutes=5), good=200, bad=0, ms=60)
    serve(ops_db, monkeypatch, "r2", DEPLOYED + timedelta(minutes=5), good=180, bad=20, ms=60)
    found = compare(ops_db, "r2", now=DEPLOYED + timedelta(minutes=30))
    assert found is not None
    assert (found.error_rate.verdict, found.p95.verdict) == ("worse", "same")


def test_too_few_samples_are_insufficient_data(ops_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(ops_db, "r2", DEPLOYED)
    serve(ops_db, monkeypatch, "r1", DEPLOYED - timedelta(minutes=5), good=99, bad=0, ms=60)
    serve(ops_db, monkeypatch, "r2", DEPLOYED + timedelta(minutes=5), good=0, bad=500, ms=60)
    found = compare(ops_db, "r2", now=DEPLOYED + timedelta(minutes=30))
    assert found is not None
    assert found.error_rate.before_samples == 99
    verdicts = {found.error_rate.verdict, found.p95.verdict, found.pass_rate.verdict}
    assert verdicts == {"insufficient data"}
    assert compare(ops_db, "never-seen") is None


@pytest.fixture
def mixillo(settings: Settings, database: Database) -> Callable[..., Result]:
    """Run a command on the bare test database."""
    surroundings = Surroundings(create_app)
    uri = settings.mongodb_uri.replace("mixillo_test", database.name)
    surroundings.__dict__["settings"] = replace(settings, mongodb_uri=uri)
    return lambda *words, **more: CliRunner().invoke(main, list(words), obj=surroundings, **more)


def test_a_deploy_log_is_imported_listed_and_compared(
    mixillo: Callable[..., Result], tmp_path: Path, mongo_client: MongoClient
) -> None:
    log = tmp_path / "deployments.md"
    log.write_text(REPORT, "utf-8")
    assert json.loads(mixillo("revisions", "import", str(log), "--year", "2025", "--json").stdout) == {
        "read": 3,
        "added": 3,
    }
    assert "0 of them new" in mixillo("revisions", "import", "-", "--year", "2025", input=REPORT).stdout
    listed = json.loads(mixillo("revisions", "list", "--json").stdout)["revisions"]
    assert [(entry["revision"], entry["firstSeenAt"]) for entry in listed][0] == (
        "00143-xxx",
        "2025-11-14T00:00:00.000Z",
    )
    assert "00141-8t6" in mixillo("revisions", "list").stdout
    compared = json.loads(mixillo("revisions", "compare", "00143-xxx", "--json").stdout)
    assert compared["errorRate"]["verdict"] == "insufficient data"
    assert "insufficient data" in mixillo("revisions", "compare", "00143-xxx").stdout


def test_a_faulty_log_says_each_line_and_imports_nothing(
    mixillo: Callable[..., Result], mongo_client: MongoClient
) -> None:
    result = mixillo("revisions", "import", "-", input=REPORT)
    assert result.exit_code == 1
    assert result.stderr.count("has no year") == 3
    assert json.loads(mixillo("revisions", "list", "--json").stdout)["revisions"] == []
    missing = mixillo("revisions", "compare", "nothing")
    assert (missing.exit_code, "There is no revision nothing" in missing.stderr) == (1, True)


def test_maintenance_is_announced_and_taken_back_on_the_command_line(mixillo: Callable[..., Result]) -> None:
    window = ("--from", "2026-01-31T12:00", "--to", "2026-01-31T13:00", "--reason", "disks", "--json")
    announced = json.loads(mixillo("uptime", "maintain", *window).stdout)
    assert announced["start"] == "2026-01-31T12:00:00.000Z"
    shown = json.loads(mixillo("uptime", "show", "--json").stdout)
    assert {period: figures["uptime"] for period, figures in shown.items()} == {"24h": None, "7d": None, "30d": None}
    assert "unknown" in mixillo("uptime", "show").stdout
    assert mixillo("uptime", "cancel", announced["id"]).exit_code == 0
    assert mixillo("uptime", "cancel", announced["id"]).exit_code == 1
    assert mixillo("uptime", "cancel", "nonsense").exit_code == 1
