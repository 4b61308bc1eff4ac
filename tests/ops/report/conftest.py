"""The dataset of the original report, scanned, and a probe run with its figures."""

from collections.abc import Callable, Iterator

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops import migrations, revisions
from mixillo.ops.datasets import load
from mixillo.ops.integrity.scan import scan
from mixillo.ops.probes import ProbeRun, history
from mixillo.ops.probes.model import FAIL, PASS, Case, Endpoint, Module
from mixillo.ops.report import Report, build
from mixillo.ops.report.tree import Facts, Section, Table

NAME = "mixillo_test_stabilization"


@pytest.fixture(scope="session")
def audited(mongo_client: MongoClient) -> Iterator[Database]:
    """The loaded dataset, migrated and scanned; these tests only read it."""
    for name in (NAME, f"{NAME}_ops"):
        mongo_client.drop_database(name)
    database, ops = mongo_client[NAME], mongo_client[f"{NAME}_ops"]
    load(database, "report")
    migrations.upgrade(database, ops)
    revisions.import_rows(ops, revisions.REPORT_REVISIONS)
    scan(database, ops, lambda *_: None)
    history.record(ops, seven_of_eighteen())
    yield database
    for name in (NAME, f"{NAME}_ops"):
        mongo_client.drop_database(name)


@pytest.fixture(scope="session")
def report(audited: Database, settings: Settings) -> Report:
    """The report on it."""
    return build(settings, audited, audited.client[f"{NAME}_ops"], "24h")


@pytest.fixture
def fresh(db: Database, ops_db: Database, settings: Settings) -> Callable[[], Report]:
    """Build a report on an empty, migrated database that tests write into."""
    return lambda: build(settings, db, ops_db, "24h")


def seven_of_eighteen() -> ProbeRun:
    """Return the run that the original report counts: 7 of 18 pass."""
    now = clock.now()
    run = ProbeRun("http://127.0.0.1:5000", now, finished_at=now, environment="test", version="1", revision="r1")
    good = Case("no token", PASS, "200", 200, 12.5, 100, proves=True)
    bad = Case("no token", FAIL, "201", 400, 8.0, 300, "expected 201, got 400", "abc", proves=True)
    run.modules = [
        Module("health", [Endpoint(f"GET /health/{number}", cases=[good]) for number in range(7)]),
        Module("auth", [Endpoint(f"POST /api/auth/{number}", cases=[bad]) for number in range(11)]),
    ]
    return run


def section(report: Report, identity: str) -> Section:
    """Return one section."""
    return next(each for each in report.sections if each.id == identity)


def rows(report: Report, identity: str, caption: str) -> list[list[str]]:
    """Return the text of a table's rows."""
    tables = [block for block in section(report, identity).blocks if isinstance(block, Table)]
    (table,) = [each for each in tables if each.caption == caption]
    return [[cell.text for cell in row] for row in table.rows]


def facts(report: Report, identity: str) -> dict[str, str]:
    """Return the facts of a section by name."""
    blocks = [block for block in section(report, identity).blocks if isinstance(block, Facts)]
    return {fact.name: fact.cell.text for block in blocks for fact in block.facts}


def commands(report: Report) -> dict[str, str]:
    """Return what is recommended, each with its command."""
    tables = [block for block in section(report, "recommendations").blocks if isinstance(block, Table)]
    return {row[1].text: row[3].text for table in tables for row in table.rows}
