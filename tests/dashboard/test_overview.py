"""The Overview: one sentence that is right, the figures behind it, and what was done lately."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.database import Database

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.measuring import Measured
from mixillo.blueprints.dashboard.queries.server import Server
from mixillo.blueprints.dashboard.queries.verdict import Verdict, judge
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops import revisions
from mixillo.ops.database import DatabaseStats
from mixillo.ops.machine import Memory
from mixillo.ops.migrations import Status
from tests.dashboard.browsing import Browse

AT = datetime(2025, 11, 14, 14, 5, 3, tzinfo=UTC)
MIB = 1024**2


def verdict(
    *, latency: float = 0.8, state: str = "primary", used: int = 100, migrations: tuple[str, ...] = ("applied",)
) -> Verdict:
    server = Server(latency, "6.0.5", "127.0.0.1:27017", "rs0", state, 1)
    return judge(
        Measured(server, AT),
        Measured(DatabaseStats("mixillo", "6.0.5", AT, ()), AT),
        Measured([Status(f"000{n}_x", s) for n, s in enumerate(migrations)], AT),
        Memory(process=used * MIB, group=used * MIB, limit=512 * MIB, machine=1024 * MIB),
    )


def test_calm_is_told_with_its_figures() -> None:
    found = verdict()
    assert (found.state, found.word) == ("ok", "All is well")
    plain = found.sentence.replace("\u00a0", " ")
    assert plain == "the database answers in 0.8 ms, 0 collections with 0 documents, memory stands at 20 % of 512 MB."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"latency": 140.0}, "the database takes 140 ms to answer, target 100 ms"),
        ({"state": "standalone"}, "the database is not a replica set"),
        ({"used": 470}, "memory stands at 92 % of 512 MB"),
        ({"migrations": ("applied", "pending", "pending")}, "2 migrations pending"),
        ({"migrations": ("applied", "failed")}, "0001_x did not end well"),
    ],
)
def test_every_fault_is_named_with_what_to_do(changes: dict, said: str) -> None:
    found = verdict(**changes)
    assert found.state == "degraded"
    assert found.sentence.replace("\u00a0", " ") == f"{said}."
    assert len(found.findings) == 1
    assert found.findings[0].advice


def test_several_faults_are_all_told() -> None:
    found = verdict(latency=140.0, used=500, migrations=("pending",))
    assert len(found.findings) == 3
    assert found.sentence.count(";") == 2


def test_a_silent_database_is_down_whatever_else() -> None:
    silent = Measured(None, AT, "The database does not answer", AT)
    found = judge(silent, silent, silent, Memory(1, 1, None, 2))
    assert (found.state, found.sentence) == ("down", "the database does not answer since 14:05:03 UTC.")


def test_the_page_shows_what_was_done_in_the_period(browser: Browse, ops_db: Database) -> None:
    entry = {"actor": {"kind": "command", "name": "mixillo <db>"}, "target": None, "targetId": None, "result": "ok"}
    now = clock.now()
    ops_db["auditlog"].insert_many(
        [
            entry | {"action": "backup.created", "createdAt": now - timedelta(minutes=90)},
            entry | {"action": "index.dropped", "createdAt": now - timedelta(days=3)},
        ]
    )
    client = browser()

    def actions(period: str) -> list[str]:
        return re.findall(r"<code>([a-z_.]+)</code>", client.get(f"/ops?period={period}").text)

    assert actions("1h") == ["operator.signed_in"]
    assert actions("24h") == ["operator.signed_in", "backup.created"]
    assert actions("7d") == ["operator.signed_in", "backup.created", "index.dropped"]
    assert actions("nonsense") == actions("24h")
    assert "mixillo &lt;db&gt;" in client.get("/ops").text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.count(1193), "1,193"),
        (formats.kilobytes(246_401), "241"),
        (formats.size(0), "0 bytes"),
        (formats.size(1023), "1023 bytes"),
        (formats.size(512 * MIB), "512 MB"),
        (formats.size(1.5 * 1024), "1.5 KB"),
        (formats.percent(0), "0 %"),
        (formats.percent(0.031), "3.1 %"),
        (formats.percent(0.31), "31 %"),
        (formats.duration(timedelta(days=3, hours=4, minutes=5)), "3 d 4 h"),
        (formats.duration(2.5), "2.5 s"),
        (formats.duration(0), "0 s"),
        (formats.duration(timedelta(days=1, seconds=5)), "1 d"),
        (formats.milliseconds(0.84), "0.8 ms"),
        (formats.milliseconds(140.4), "140 ms"),
        (formats.plural(1, "client"), "1 client"),
        (formats.plural(2, "client"), "2 clients"),
    ],
)
def test_figures_are_written_for_people(written: str, expected: str) -> None:
    assert written.replace("\u00a0", " ") == expected


def test_every_figure_on_every_page_carries_its_time(browser: Browse) -> None:
    client = browser()
    for path in ("/ops", "/ops/database", "/ops/infrastructure"):
        text = client.get(path).text
        cards = re.findall(r'<section class="card.*?</header>', text, re.S)
        assert cards
        for card in cards:
            assert re.search(r'data-as-of="[^"]+".*<time datetime="[^"]+Z"', card, re.S), card


def test_the_infrastructure_page_states_the_settings_that_are_in_force(browser: Browse) -> None:
    text = browser("viewer").get("/ops/infrastructure").text
    facts = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)", text))
    assert facts["Worker"] == "gthread"
    assert facts["Port"] == "5000"
    assert facts["Environment"] == "test"
    assert facts["Replica set"] == "rs0"
    assert facts["Requests"] == "100000/minute"
    assert facts["Access token"] == "15\u00a0min"
    assert facts["Flask"] == "3.1.3"
    assert facts["Request body"] == "1,048,576 bytes"


def test_the_revision_has_one_name_on_every_page(browser: Browse, settings: Settings) -> None:
    viewer, name = browser("viewer"), revisions.name_of(settings)
    assert f"revision {name}</p>" in viewer.get("/ops").text
    assert f"<dt>Revision</dt><dd>{name}<" in viewer.get("/ops/infrastructure").text
