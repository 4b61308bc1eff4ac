"""Notices reach a web hook and a mailbox; one that does not is tried again, and no address is ever written down."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from bson import json_util
from click.testing import CliRunner
from pymongo.database import Database

from mixillo.app import create_app
from mixillo.cli import main
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.errors import Conflict
from mixillo.ops import alerts
from mixillo.ops.alerts import delivery
from mixillo.ops.alerts.notices import Notice
from mixillo.ops.commands import Surroundings
from mixillo.ops.mongod import Mongod
from tests.ops.alerts.conftest import Traffic, Webhook, arrived
from tests.waiting import wait_until

NOTICE = Notice("errors-fast", "firing", "Alert", "Many requests fail.")


@pytest.fixture
def mailbox() -> Iterator[tuple[list[Any], int]]:
    """A real mail server that keeps what arrives."""
    messages: list[Any] = []

    class Keep(Message):
        def __init__(self) -> None:
            super().__init__(EmailMessage)

        def handle_message(self, message: Any) -> None:
            messages.append(message)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Keep(), hostname="127.0.0.1", port=port)
    controller.start()
    yield messages, port
    controller.stop()


def queue(ops: Database, *urls: str) -> None:
    ops[delivery.COLLECTION].insert_many(delivery.queued(NOTICE, urls))


def later(ops: Database) -> None:
    """Let the pause before the next attempt be over."""
    ops[delivery.COLLECTION].update_many({"nextAttemptAt": {"$ne": None}}, {"$set": {"nextAttemptAt": clock.now()}})


def test_a_notice_reaches_a_web_hook_and_a_mailbox(
    ops: Database, webhook: Webhook, mailbox: tuple[list[Any], int]
) -> None:
    messages, port = mailbox
    mail = f"mailto://127.0.0.1:{port}?from=alerts@x.test&to=ada@x.test&mode=insecure"
    queue(ops, webhook.url, mail)
    sent = alerts.deliver(ops, (webhook.url, mail))
    assert [entry["state"] for entry in sent] == ["sent", "sent"]
    hook = arrived(webhook, 1)[0]
    assert (hook["title"], hook["message"]) == ("Alert", "Many requests fail.")
    wait_until(lambda: messages)
    assert (messages[0]["Subject"], messages[0]["To"]) == ("Alert", "ada@x.test")


SENDS = """
import sys
import {module} as green
{patch}
from mixillo.ops.alerts.delivery import send_now
from mixillo.ops.alerts.notices import Notice
turns = []
def turn():
    while True:
        turns.append(1)
        green.sleep(0.01)
green.spawn(turn)
for number in range(3):
    assert send_now([sys.argv[1]], Notice("r", "test", f"T{{number}}", "B")) == [None]
assert len(turns) > 20, len(turns)
"""


@pytest.mark.parametrize(
    ("module", "patch"),
    [("eventlet", "green.monkey_patch()"), ("gevent", "from gevent import monkey; monkey.patch_all()")],
)
def test_the_event_loop_goes_on_while_notices_are_sent(webhook: Webhook, module: str, patch: str) -> None:
    program = SENDS.format(module=module, patch=patch)
    done = subprocess.run(
        [sys.executable, "-c", program, webhook.url], check=False, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    assert [notice["title"] for notice in arrived(webhook, 3)] == ["T0", "T1", "T2"]


def test_an_address_that_hangs_is_given_up(ops: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "SECONDS", 0.01)
    queue(ops, "json://127.0.0.1:1/hook")
    assert alerts.deliver(ops, ("json://127.0.0.1:1/hook",))[0]["error"] == "No answer within 0.01 s."


def test_a_refused_notice_is_tried_again_with_growing_pauses_and_then_given_up(ops: Database, webhook: Webhook) -> None:
    webhook.status = 500
    queue(ops, webhook.url)
    pauses = []
    for _attempt in range(5):
        entry = alerts.deliver(ops, (webhook.url,))[0]
        if entry["nextAttemptAt"]:
            pauses.append(round((entry["nextAttemptAt"] - clock.now()).total_seconds(), -1))
        assert alerts.deliver(ops, (webhook.url,)) == []
        later(ops)
    assert pauses == [30, 120, 480, 1800]
    assert (entry["state"], entry["attempts"]) == ("given up", 5)
    assert entry["error"] == "Refused with status 500."
    assert len(webhook.received) == 5


def test_a_notice_arrives_when_the_address_is_back(ops: Database, webhook: Webhook) -> None:
    webhook.status = 503
    queue(ops, webhook.url)
    alerts.deliver(ops, (webhook.url,))
    webhook.status = 200
    later(ops)
    assert alerts.deliver(ops, (webhook.url,))[0]["state"] == "sent"
    assert alerts.log_of(ops)[0]["error"] is None


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("json://127.0.0.1:1/hook", "Refused or not reachable."),
        ("nonsense://x", "Apprise does not understand the address."),
    ],
)
def test_an_address_that_does_not_work_is_said_without_naming_it(ops: Database, url: str, error: str) -> None:
    queue(ops, url)
    assert alerts.deliver(ops, (url,))[0]["error"] == error


def test_an_address_that_was_removed_is_not_tried_for_ever(ops: Database, webhook: Webhook) -> None:
    queue(ops, webhook.url)
    assert alerts.deliver(ops, ())[0]["state"] == "given up"
    assert alerts.deliver(ops, (webhook.url,)) == []


def test_a_sender_that_was_killed_is_relieved(ops: Database, webhook: Webhook) -> None:
    queue(ops, webhook.url)
    assert delivery._claim(ops, clock.now()) is not None
    assert alerts.deliver(ops, (webhook.url,)) == []
    ops[delivery.COLLECTION].update_many({}, {"$set": {"nextAttemptAt": clock.now() - timedelta(seconds=1)}})
    assert alerts.deliver(ops, (webhook.url,))[0]["attempts"] == 2
    arrived(webhook, 1)


def test_many_senders_send_each_notice_once(ops: Database, webhook: Webhook) -> None:
    for _ in range(12):
        queue(ops, webhook.url)
    threads = [threading.Thread(target=alerts.deliver, args=(ops, (webhook.url,))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    arrived(webhook, 12)


def test_no_address_is_ever_stored(ops: Database, webhook: Webhook, telling: Settings, traffic: Traffic) -> None:
    webhook.status = 500
    traffic.add(100, 30)
    for minute in (0, 1):
        alerts.evaluate(ops, telling, now=clock.now() + timedelta(minutes=minute))
    everything = json_util.dumps([list(ops[name].find()) for name in ops.list_collection_names()])
    assert "Refused with status 500" in everything
    assert "s3cret" not in everything
    assert webhook.url.partition("/hook")[0].removeprefix("json://") not in everything


def test_a_test_goes_to_every_address(ops: Database, telling: Settings, webhook: Webhook) -> None:
    assert [entry["state"] for entry in alerts.test(ops, telling)] == ["sent"]
    assert arrived(webhook, 1)[0]["title"] == "Test of alerts"


def test_without_addresses_there_is_nothing_to_test(ops: Database, settings: Settings) -> None:
    with pytest.raises(Conflict, match="ALERT_URLS is not set"):
        alerts.test(ops, settings)


@pytest.fixture
def mixillo(database: Database, telling: Settings, mongod: Mongod) -> Any:
    """Run a command on ``database``."""
    surroundings = Surroundings(create_app)
    surroundings.__dict__["settings"] = Settings(**vars(telling) | {"mongodb_uri": mongod.uri_of(database.name)})
    return lambda *words: CliRunner().invoke(main, ["alerts", *words], obj=surroundings)


def test_check_ends_with_status_1_when_something_fires(ops: Database, traffic: Traffic, mixillo: Any) -> None:
    traffic.add(100)
    assert mixillo("check").exit_code == 0
    ops["integrityscans"].insert_many(
        [{"state": "done", "startedAt": clock.now() + timedelta(hours=n), "issues": n} for n in range(2)]
    )
    result = mixillo("check", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["firing"] == ["integrity-growing"]
    assert [(entry["rule"], entry["state"]) for entry in answer["deliveries"]] == [("integrity-growing", "sent")]
    silenced = mixillo("silence", "integrity-growing", "--for", "2h", "--reason", "known", "--json")
    assert json.loads(silenced.stdout)["rule"] == "integrity-growing"
    assert mixillo("check").exit_code == 0
    listed = json.loads(mixillo("list", "--json").stdout)["alerts"]
    assert listed[0]["silence"]["reason"] == "known"
    assert mixillo("unsilence", "integrity-growing").exit_code == 0
    assert "integrity-" in mixillo("list").stdout


@pytest.mark.slow
def test_check_tells_of_a_database_that_it_cannot_reach_once(
    telling: Settings, webhook: Webhook, tmp_path: Path
) -> None:
    nowhere = "mongodb://127.0.0.1:1/x?directConnection=true&serverSelectionTimeoutMS=300"
    surroundings = Surroundings(create_app)
    surroundings.__dict__["settings"] = Settings(**vars(telling) | {"mongodb_uri": nowhere, "data_dir": str(tmp_path)})
    for _ in range(2):
        result = CliRunner().invoke(main, ["alerts", "check", "--json"], obj=surroundings)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
    assert arrived(webhook, 1)[0]["title"] == "Alert (page): The database cannot be reached"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("silence", "nothing", "--for", "2h", "--reason", "x"), "There is no rule nothing"),
        (("silence", "errors-fast", "--for", "2 weeks", "--reason", "x"), "is no length of time"),
        (("silence", "errors-fast", "--for", "2h", "--reason", " "), "reason: Must have 1 to 500 characters."),
    ],
)
def test_a_mistake_is_one_sentence(database: Database, mixillo: Any, words: tuple[str, ...], sentence: str) -> None:
    result = mixillo(*words)
    assert result.exit_code in (1, 2)
    assert sentence in result.stderr


def test_the_test_command_says_what_came_of_it(database: Database, mixillo: Any, webhook: Webhook) -> None:
    assert mixillo("test").stdout == "json: sent\n"
    webhook.status = 403
    result = mixillo("test", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["deliveries"][0]["error"] == "Refused with status 403."
