"""deploy/nginx.conf as it is, in front of two instances: clients that poll and clients that do not, on both."""

import json
import random
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from pymongo.database import Database

from mixillo.config import Settings
from tests import javascript
from tests.factories.auth import make_session
from tests.factories.live import make_stream, stored
from tests.factories.users import make_user
from tests.instances import NAMES, Instances, answers, free_port, serving_many
from tests.waiting import wait_until
from tests.wandering import Wanderer, opener

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
TRANSPORTS = ("polling", "websocket")
JAVASCRIPT_TRANSPORTS = ("polling", "websocket", "polling+websocket")
LINES, MOST_PEOPLE = 20, 16
# Paths of the system, which only root may write to.
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
Document = dict[str, Any]


@pytest.fixture(scope="module")
def servers(settings: Settings, migrated_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instances]:
    with serving_many(settings, tmp_path_factory.mktemp("behind_nginx"), MIXILLO_TRUSTED_PROXIES="1") as started:
        yield started


@pytest.fixture(scope="module")
def url(servers: Instances, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of nginx."""
    with balancing(servers.urls, tmp_path_factory.mktemp("nginx")) as address:
        yield address


@contextmanager
def balancing(urls: list[str], directory: Path) -> Iterator[str]:
    """Run nginx with the sample, with other ports, and yield its address."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    port = free_port()
    text = SAMPLE.read_text("utf-8").replace("listen 8080", f"listen 127.0.0.1:{port}")
    for number, url in enumerate(urls, 1):
        text = text.replace(f"127.0.0.1:500{number}", url.removeprefix("http://"))
    scratch = "".join(f"{name}_temp_path {directory}/{name};\n" for name in TEMPORARY)
    conf = directory / "nginx.conf"
    conf.write_text(text.replace("http {", f"http {{\n{scratch}", 1), "utf-8")
    globally = f"daemon off; pid {directory}/pid; error_log {directory}/error.log;"
    process = subprocess.Popen([program, "-p", str(directory), "-c", str(conf), "-g", globally])
    try:
        wait_until(lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}"))
        assert process.poll() is None, "its last words are among the captured output"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def stream(db: Database) -> Document:
    return make_stream(db, make_user(db, username="host"))


@pytest.fixture
def come(app: Flask, db: Database, url: str, stream: Document) -> Iterator[Callable[[str], Wanderer]]:
    """Let somebody new come to the stream through nginx: ``come(transport)``."""
    came: list[Wanderer] = []

    def one(transport: str) -> Wanderer:
        token = make_session(app, make_user(db))[1]["token"]
        body = {"livestreamId": str(stream["_id"])}
        came.append(Wanderer(opener([url], token, random.choice, transport), room(stream), "live:join", body))
        return came[-1]

    yield one
    for each in came:
        each.socket.close()


def room(stream: Document) -> str:
    return f"live_{stream['_id']}"


def place(session_id: str) -> str:
    """Return the instance that a session belongs to."""
    return session_id.partition(".")[0]


def on_every_instance(come: Callable[[str], Wanderer]) -> list[Wanderer]:
    """Let people come until there are some of both transports on both instances."""
    people: list[Wanderer] = []
    wanted = {(transport, name) for transport in TRANSPORTS for name in NAMES[:2]}
    while wanted and len(people) < MOST_PEOPLE:
        transport = TRANSPORTS[len(people) // 2 % 2]
        people.append(come(transport))
        wanted.discard((transport, place(people[-1].socket.client.eio.sid)))
    assert not wanted
    return people


def say(person: Wanderer | javascript.Person, stream: Document, name: str, lines: int) -> None:
    for number in range(lines):
        text = f"{name}:{number}"
        if isinstance(person, javascript.Person):
            person.say(text)
        else:
            person.ask("live:chat", {"livestreamId": str(stream["_id"]), "text": text, "clientId": text})


def heard(person: Wanderer | javascript.Person) -> list[str]:
    if isinstance(person, javascript.Person):
        return person.texts
    return [told["message"]["text"] for told in person.told("live:message")]


def test_everybody_behind_nginx_hears_every_line_once_in_order_and_is_counted(
    app: Flask, db: Database, servers: Instances, url: str, stream: Document, come: Callable[[str], Wanderer]
) -> None:
    javascript.need()
    with ExitStack() as stack:
        people: list[Wanderer | javascript.Person] = [*on_every_instance(come)]
        for transports in JAVASCRIPT_TRANSPORTS:
            token = make_session(app, make_user(db))[1]["token"]
            people.append(stack.enter_context(javascript.Person([url], token, transports, stream["_id"])))
        of_javascript = [each for each in people if isinstance(each, javascript.Person)]
        wait_until(lambda: all(each.told("joined") for each in of_javascript), 20)
        speaking = [
            threading.Thread(target=say, args=(each, stream, str(number), LINES)) for number, each in enumerate(people)
        ]
        for thread in speaking:
            thread.start()
        for thread in speaking:
            thread.join()
        all_lines = LINES * len(people)
        wait_until(lambda: all(len(heard(each)) >= all_lines for each in people), 30)
        in_order = [row["text"] for row in db["livemessages"].find(sort=[("seq", 1)])]
        assert len(set(in_order)) == len(in_order) == all_lines
        for each in people:
            assert heard(each) == in_order
        wait_until(lambda: stored(db, stream)["currentViewers"] == len(people), 10)
        for each in of_javascript:
            wait_until(lambda each=each: each.told("live:viewers")[-1:] == [
                {"event": "live:viewers", "viewerCount": len(people)}
            ], 10)  # fmt: skip
        # Nobody polled at an instance that did not know them, and everybody came once.
        assert not [row for each in of_javascript for row in each.rows if row["event"] in ("disconnect", "refused")]
        assert not sum(each.cuts for each in people if isinstance(each, Wanderer))
        assert of_javascript[-1].told("upgrade") == [{"event": "upgrade", "transport": "websocket"}]


def test_whose_instance_dies_goes_on_at_the_other_and_misses_nothing(
    app: Flask, db: Database, servers: Instances, url: str, stream: Document, come: Callable[[str], Wanderer]
) -> None:
    javascript.need()
    people = on_every_instance(come)
    token = make_session(app, make_user(db))[1]["token"]
    with ExitStack() as stack:
        scripts = [
            stack.enter_context(javascript.Person([url], token, transports, stream["_id"]))
            for transports in JAVASCRIPT_TRANSPORTS
        ]
        wait_until(lambda: all(each.told("joined") for each in scripts), 20)
        say(people[0], stream, "before", 5)
        servers.servers[0].stop(signal.SIGKILL)
        for number, person in enumerate(people):
            say(person, stream, f"after {number}", 5)
        everybody = [*people, *scripts]
        wait_until(lambda: all(len(heard(each)) >= 5 + 5 * len(people) for each in everybody), 30)
        in_order = [row["text"] for row in db["livemessages"].find(sort=[("seq", 1)])]
        assert len(in_order) == 5 + 5 * len(people)
        for each in everybody:
            assert heard(each) == in_order
        assert {place(each.socket.client.eio.sid) for each in people} == {NAMES[1]}
        assert sum(each.cuts for each in people) >= 2
    servers.servers[0].start()
    wait_until(lambda: answers(servers.urls[0]), 60)


def test_an_instance_believes_nginx_and_not_the_client_about_who_asks(url: str) -> None:
    """The origin of a page is held against the host that nginx was asked for; a forged address changes nothing."""
    for origin, status in ((url, 200), ("http://elsewhere.example.com", 400)):
        headers = {"Origin": origin, "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "elsewhere.example.com"}
        answer = requests.get(f"{url}/socket.io/?EIO=4&transport=polling", headers=headers, timeout=10)
        assert answer.status_code == status, answer.text
    opened = json.loads(re.sub(r"^0", "", requests.get(f"{url}/socket.io/?EIO=4&transport=polling", timeout=10).text))
    assert place(opened["sid"]) in NAMES


def test_who_polls_may_send_in_one_request_what_has_gathered(app: Flask, db: Database, url: str) -> None:
    poll = f"{url}/socket.io/?EIO=4&transport=polling"
    poll += f"&sid={json.loads(requests.get(poll, timeout=10).text[1:])['sid']}"
    token = make_session(app, make_user(db))[1]["token"]
    assert requests.post(poll, data=f'40{{"token":"{token}"}}', timeout=10).ok
    gathered = "\x1e".join(f'42{number}["video:leave","6b0452fb139052874db6cba4"]' for number in range(25))
    assert requests.post(poll, data=gathered, timeout=10).ok
    told = ""
    while '4324[{"ok":true}]' not in told:
        told += requests.get(poll, timeout=10).text


def test_a_session_of_an_instance_that_is_not_there_begins_anew(url: str) -> None:
    answer = requests.get(f"{url}/socket.io/?EIO=4&transport=polling&sid=nine.abc", timeout=10)
    assert answer.status_code == 400
