"""Archiving, indexes, growth and slow queries on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from pymongo.database import Database

from tests.ops.archive.events import EVENTS, NEW, OLD


@pytest.mark.slow
def test_events_are_archived_from_the_command_line(
    run: Callable[..., Result], db: Database, ops_db: Database, tmp_path: Path
) -> None:
    dry = json.loads(run("archive", "--dry-run", "--json").stdout)
    assert [(each["collection"], each["documents"]) for each in dry["candidates"]] == [(EVENTS, OLD)]
    assert "eventtrackings" in run("archive", "--dry-run").stdout
    assert "--to DIRECTORY" in run("archive").stderr
    assert run("archive", "--to", str(tmp_path), typed="n\n").exit_code == 1
    assert db[EVENTS].count_documents({}) == OLD + NEW
    done = json.loads(run("archive", "--to", str(tmp_path), "--yes", "--json").stdout)["archives"]
    assert [(each["deleted"], each["kept"]) for each in done] == [(OLD, 0)]
    assert "no events older than 90 days" in run("archive", "--dry-run").stdout
    back = run("unarchive", done[0]["manifest"])
    assert back.stdout == f"{EVENTS}: {OLD} restored, 0 were there.\n"
    assert db[EVENTS].count_documents({}) == OLD + NEW
    assert [job["state"] for job in ops_db.jobs.find()] == ["done", "done"]


@pytest.mark.slow
def test_indexes_growth_and_slow_queries_are_shown_on_the_command_line(
    run: Callable[..., Result], db: Database, ops_db: Database
) -> None:
    db["planted"].create_index("a")
    db["planted"].create_index([("a", 1), ("b", 1)])
    try:
        shown = run("indexes")
        assert "planted/a_1" in shown.stdout
        assert "redundant prefix" in shown.stdout
        verdicts = json.loads(run("indexes", "--hide", "planted/a_1", "--json").stdout)["indexes"]
        hidden = next(each for each in verdicts if (each["collection"], each["name"]) == ("planted", "a_1"))
        assert (hidden["hidden"], hidden["verdict"]) == (True, "keep")
        assert "was hidden at" in run("indexes", "--drop", "planted/a_1").stderr
    finally:
        db.drop_collection("planted")
    assert "Insufficient data" in run("growth").stdout
    assert json.loads(run("growth", "--json").stdout)["collections"][0]["documentsPerDay"] is None
    assert run("slow").stdout == "Nothing was slow.\n"
    ops_db.slowshapes.insert_one({
        "_id": "x", "collection": EVENTS, "operation": "find", "conditions": [["n", "eq"]], "sort": [],
        "shown": "find eventtrackings {n eq}", "suggestion": [["n", 1]], "count": 3, "totalMs": 600.0, "maxMs": 300.0,
        "routes": [], "explained": None,
    })  # fmt: skip
    assert "n: 1" in run("slow", "--explain").stdout
    assert json.loads(run("slow", "--json").stdout)["shapes"][0]["explained"]["plan"] == "COLLSCAN"
