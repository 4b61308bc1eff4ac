"""Traffic for demonstrations: varied, bounded, and only where it may be."""

import json
import threading
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from pymongo.database import Database
from werkzeug.serving import make_server

from mixillo import create_app
from mixillo.cli import main
from mixillo.config import Settings
from mixillo.ops import metrics
from mixillo.ops.traffic import Traffic, TrafficError, is_loopback


@pytest.fixture
def base_url(settings: Settings, db: Database) -> Iterator[str]:
    """A real HTTP server over the test database."""
    application = create_app(settings)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    assert metrics.flusher_of(application).flush()


def test_people_register_browse_mistype_and_are_counted(base_url: str, ops_db: Database, db: Database) -> None:
    told: list[str] = []
    traffic = Traffic(base_url, rate=50, seed=7)
    summary = traffic.run(5 / 60, told.append)
    assert told
    assert summary.accounts
    assert {user["username"] for user in db["users"].find()} == set(summary.accounts)
    assert {200, 201, 400, 404} <= set(summary.statuses)
    assert not any(status >= 500 or status == 0 for status in summary.statuses)
    assert summary.requests <= 5 * 50 + 2


def test_a_server_that_is_away_is_said_in_one_sentence() -> None:
    with pytest.raises(TrafficError, match="Nobody answers"):
        Traffic("http://127.0.0.1:1", rate=10).run(1, print)
    with pytest.raises(TrafficError, match="not an address"):
        Traffic("localhost:5000", rate=10)


@pytest.mark.parametrize(
    ("base_url", "loopback"),
    [
        ("http://localhost:5000", True),
        ("http://127.0.0.1:5000", True),
        ("http://[::1]:5000", True),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("https://mixillo.example.com", False),
        ("http://10.0.0.1", False),
    ],
)
def test_only_this_machine_is_taken_without_asking(base_url: str, loopback: bool) -> None:
    assert is_loopback(base_url) is loopback


def test_another_machine_needs_a_word_of_the_operator(base_url: str) -> None:
    refused = CliRunner().invoke(main, ["traffic", "--base-url", "http://192.0.2.1"])
    assert refused.exit_code == 2
    assert "--yes-i-own-this-server" in refused.stderr
    words = ["traffic", "--base-url", base_url, "--minutes", "0.02", "--rate", "20", "--json"]
    made = CliRunner().invoke(main, words)
    assert made.exit_code == 0, made.output
    # The server of this test runs in the same process and writes its mail to the same stream.
    assert json.loads(made.stdout.splitlines()[-1])["requests"] > 5
    assert CliRunner().invoke(main, [*words[:-1]]).stdout.count("which stay") == 1
