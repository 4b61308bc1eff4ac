"""The report on the dataset of the original one says what that said, as far as it is measured."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from bson import ObjectId
from pymongo.database import Database

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops import revisions
from mixillo.ops.backups import records
from mixillo.ops.database import statistics
from mixillo.ops.metrics import TARGETED
from mixillo.ops.metrics.histograms import bucket_of
from mixillo.ops.metrics.levels import LEVELS, cell_of
from mixillo.ops.report import Report, build, find, freeze, frozen, to_html, to_markdown
from mixillo.ops.report.frozen import ReportNotFound
from tests.ops.report.conftest import commands, facts, rows, section

TITLES = [
    "Executive summary",
    "Infrastructure",
    "Database",
    "API modules",
    "Critical findings",
    "Deployment history",
    "System health metrics",
    "Recommendations",
    "Conclusion",
]
ME = {"kind": "command", "name": "mixillo report"}
Build = Callable[[], Report]


def ops_of(database: Database) -> Database:
    return database.client[f"{database.name}_ops"]


def test_the_sections_are_those_of_the_original_in_its_order(report: Report) -> None:
    assert [each.title for each in report.sections] == TITLES
    headings = [line for line in to_markdown(report).splitlines() if line.startswith("## ")]
    assert [line.removeprefix("## ").partition(":")[0] for line in headings] == TITLES


def test_it_says_107_collections_and_1193_documents(report: Report) -> None:
    found = facts(report, "database")
    assert (found["Total collections"], found["Total documents"]) == ("107", "1,193")
    assert "107 collections with 1,193 documents" in to_markdown(report)


def test_it_says_6_contents_with_invalid_creators_and_how_to_repair_them(report: Report) -> None:
    (row,) = rows(report, "database", "References that lead nowhere")
    assert row == ["6 contents with invalid creators", "contents.userId", "users", "reassign", "6", "6"]
    command = commands(report)["6 contents with invalid creators"]
    assert command == "mixillo integrity plan --action reassign --only contents.userId"


def test_the_top_ten_are_those_of_the_statistics(report: Report, audited: Database) -> None:
    top = statistics(audited).top(10)
    expected = [[each.name, f"{each.documents:,}", f"{each.size_bytes / 1024:,.0f}"] for each in top]
    assert rows(report, "database", "Collections with the most documents") == expected
    assert expected[0] == ["eventtrackings", "1,001", "241"]


def test_the_probes_are_counted_as_the_original_counts(report: Report) -> None:
    assert "7/18 (38.89 %)" in to_markdown(report)
    assert rows(report, "api-modules", "Pass rates by module")[-1] == ["All", "7", "18", "38.89 %", "0"]
    assert rows(report, "api-modules", "auth endpoints")[0] == [
        "/api/auth/0", "POST", "400", "fail", "no token: expected 201, got 400",
    ]  # fmt: skip
    assert commands(report)["11 endpoints fail their probes"] == "mixillo probe"


def test_the_three_deployments_of_the_original_are_listed(report: Report) -> None:
    found = rows(report, "deployment-history", "The latest 10 revisions at most")
    assert [(row[0], row[1], row[2], row[3]) for row in found] == [
        ("00143-xxx", "2025-11-14 00:00 UTC", "Search + auth fixes", "deploying"),
        ("00142-fp7", "2025-11-14 00:00 UTC", "Connection fix + routes", "deployed"),
        ("00141-8t6", "2025-11-13 00:00 UTC", "Previous stable version", "deployed"),
    ]


def test_what_was_not_measured_is_never_called_good(report: Report) -> None:
    health = rows(report, "system-health", "p95 in the last 24h")
    assert [row[1] for row in health] == ["< 100 ms", "< 300 ms", "< 500 ms", "< 800 ms"]
    assert {row[2] for row in health} == {row[5] for row in health} == {"insufficient data"}
    assert [row[1:3] for row in rows(report, "system-health", "Uptime")] == [["unknown", "0.00 %"]] * 3
    assert facts(report, "system-health")["Server errors (5xx)"] == "insufficient data"


def test_without_scan_and_probe_it_says_which_commands_measure(fresh: Build) -> None:
    report = fresh()
    text = to_markdown(report)
    assert "not measured: run `mixillo integrity scan`" in text
    assert "Not measured: run `mixillo probe`." in text
    assert {"mixillo integrity scan", "mixillo probe"} <= set(commands(report).values())
    assert "Data integrity" in report.basis.facts[-1].cell.text


def test_p95_and_error_rate_are_those_of_the_counts_with_their_samples(fresh: Build, db: Database) -> None:
    now = clock.now()
    counts = {cell_of(2, bucket_of(40.0)): 90, cell_of(5, bucket_of(900.0)): 10}
    for level in LEVELS:
        for series in ("all", f"group:{TARGETED[2].name}"):
            ops_of(db)[level.collection].insert_one(
                {"series": series, "revision": "r1", "at": level.floor(now), "counts": counts, "ms": 12_600.0}
            )
    report = fresh()
    feed = rows(report, "system-health", "p95 in the last 24h")[2]
    assert (feed[3], feed[4], feed[5]) == ("90.00 %", "100", "over target")
    assert facts(report, "system-health")["Server errors (5xx)"] == "10.00 %"
    assert "Feed: p95 over its target" in commands(report)
    assert "The error rate is over its target" in commands(report)


def test_a_weak_secret_is_named_and_its_value_is_not(db: Database, settings: Settings, fresh: Build) -> None:
    fresh()
    weak = replace(settings, jwt_secret="change-me-please", jwt_refresh_secret="")
    report = build(weak, db, ops_of(db))
    assert "JWT_SECRET is shorter than 32 characters" in commands(report)
    assert "JWT_REFRESH_SECRET is missing" in commands(report)
    for text in (to_markdown(report), to_html(report), orjson.dumps(report.as_dict()).decode()):
        assert "change-me-please" not in text


def test_no_secret_is_in_any_format(db: Database, settings: Settings, fresh: Build) -> None:
    fresh()
    secret = "s3cr3t" * 8
    told = replace(
        settings, redis_url=f"redis://:{secret}@cache", smtp_url=f"smtp://u:{secret}@mail", metrics_token=secret,
        mongodb_uri=settings.mongodb_uri.replace("://", f"://user:{secret}@"), alert_urls=(f"json://{secret}@host",),
    )  # fmt: skip
    assert secret not in to_html(build(told, db, ops_of(db)))


@pytest.mark.parametrize(
    ("age", "verified", "expected"),
    [
        (None, None, {"There is no backup": "mixillo backup create"}),
        (timedelta(hours=30), True, {"The newest backup is stale": "mixillo backup create"}),
        (timedelta(hours=2), None, {"No backup was ever restored": "mixillo backup verify"}),
        (timedelta(hours=2), True, {}),
    ],
)
def test_backups_are_judged_by_their_age_and_by_having_been_restored(
    fresh: Build, db: Database, age: timedelta | None, verified: bool | None, expected: dict[str, str]
) -> None:
    if age:
        at = clock.now() - age
        backup: dict[str, Any] = {"name": "b1", "location": "/b1", "state": "done", "startedAt": at, "createdAt": at}
        backup |= {"size": 2048, "removedAt": None}
        backup |= {"verifiedAt": at, "verified": verified} if verified else {}
        ops_of(db)[records.COLLECTION].insert_one(backup)
    found = {title: command for title, command in commands(fresh()).items() if "backup" in title.lower()}
    assert found == expected


def test_a_slow_shape_asks_for_its_composite_index(fresh: Build, db: Database) -> None:
    ops_of(db)["slowshapes"].insert_one(
        {
            "_id": "x", "collection": "event'trackings", "operation": "find", "conditions": [["user", "eq"]],
            "sort": [["timestamp", -1]], "shown": "find eventtrackings {user eq}", "count": 12, "totalMs": 3000.0,
            "maxMs": 400.0, "suggestion": [["user", 1], ["timestamp", -1]],
            "explained": {"helps": True, "plan": "COLLSCAN", "examined": 1001, "returned": 3},
        }
    )  # fmt: skip
    found = commands(fresh())
    command = found["A composite index is missing on event'trackings (user: 1, timestamp: -1)"]
    assert command == (
        'mongosh "$MONGODB_URI" --eval \'db.getCollection("event\'"\'"\'trackings")'
        '.createIndex({"user": 1, "timestamp": -1})\''
    )


def test_a_superfluous_index_is_to_be_hidden_first(fresh: Build, db: Database) -> None:
    db["events"].create_index([("user", 1)])
    db["events"].create_index([("user", 1), ("at", -1)])
    found = commands(fresh())
    db.drop_collection("events")
    assert found["Index user_1 on events is superfluous: redundant prefix"] == "mixillo db indexes --hide events/user_1"


def test_old_events_are_to_be_archived_and_fresh_ones_are_not(fresh: Build, db: Database) -> None:
    now = clock.now()
    db["eventtrackings"].insert_many([{"timestamp": now - timedelta(days=days)} for days in (1, 89, 91, 300)])
    found = commands(fresh())["Archive analytics older than 90 days"]
    assert found == "mixillo db archive --older-than 90 --collection eventtrackings --to archive"
    assert "eventtrackings 2" in to_markdown(fresh())


def test_alerts_that_nobody_hears_are_told_of(fresh: Build, db: Database, settings: Settings) -> None:
    assert commands(fresh())["Alerts reach nobody"] == "mixillo alerts test"
    heard = build(replace(settings, alert_urls=("json://localhost/hook",)), db, ops_of(db))
    assert "Alerts reach nobody" not in commands(heard)


def test_the_revision_is_the_one_that_runs_and_not_that_of_the_command(
    fresh: Build, db: Database, settings: Settings
) -> None:
    running = revisions.introduce(replace(settings, revision="mixillo-backend-00142-fp7", region="europe-west1"))
    revisions.record(ops_of(db), running)
    report = fresh()
    assert report.revision == "mixillo-backend-00142-fp7"
    found = facts(report, "infrastructure")
    assert (found["Current revision"], found["Region"]) == ("mixillo-backend-00142-fp7", "europe-west1")
    assert found["Status"].startswith("running, last seen")


def test_a_frozen_report_is_given_back_as_it_was(report: Report, db: Database) -> None:
    ops = ops_of(db)
    identity = freeze(ops, report, actor=ME)
    stored = find(ops, identity)
    assert stored["tree"] == report
    assert stored["markdown"] == to_markdown(report)
    assert to_html(stored["tree"]) == to_html(report)
    (listed,) = frozen(ops)
    assert (listed["sentence"], listed["actor"]) == (report.sentence, ME)
    assert "tree" not in listed
    with pytest.raises(ReportNotFound):
        find(ops, ObjectId())


def test_the_conclusion_names_the_first_thing_to_do(report: Report) -> None:
    first = next(iter(commands(report).items()))
    found = facts(report, "conclusion")
    assert found["Next step"].startswith(first[0])
    assert found["Command"] == first[1]
    assert report.sentence in section(report, "conclusion").blocks[0].text  # type: ignore[union-attr]
