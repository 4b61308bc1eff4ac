"""A stream on two instances with Redis between them: whatever dies, everybody hears every line, in order, once."""

import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from flask import Flask
from pymongo.database import Database

from mixillo.config import Settings
from tests import javascript
from tests.factories.auth import make_session
from tests.factories.live import make_stream, stored
from tests.factories.messaging import make_talk
from tests.factories.users import make_user
from tests.instances import Instances, answers, serving_many
from tests.live.rooms import room
from tests.sockets import Socket
from tests.waiting import wait_until
from tests.wandering import Wanderer, opener

pytestmark = pytest.mark.slow
PEOPLE, SCRIPTS, LINES, CUT = 16, 4, 1_000, 0.1
SOCKETS, SECONDS_TO_STOP = 200, 8.0
Document = dict[str, Any]
Come = Callable[..., Wanderer]


@pytest.fixture(scope="module")
def servers(settings: Settings, migrated_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instances]:
    with serving_many(settings, tmp_path_factory.mktemp("live_instances")) as started:
        yield started


@pytest.fixture(autouse=True)
def alive(servers: Instances) -> Iterator[None]:
    """What a test has ended runs again for the next one."""
    yield
    for process in (servers.redis, *servers.servers):
        if process.running and process.running.poll() is not None:
            process.start()
    for url in servers.urls:
        wait_until(lambda url=url: answers(url), 60)


@pytest.fixture
def stream(db: Database) -> Document:
    return make_stream(db, make_user(db, username="host"))


@pytest.fixture
def come(app: Flask, db: Database, servers: Instances, stream: Document) -> Iterator[Come]:
    """Let somebody new come to the stream: ``come(choose, transport)``, at whichever instance they choose each time."""
    came: list[Wanderer] = []

    def one(choose: Callable[[Sequence[str]], str], transport: str = "websocket") -> Wanderer:
        token = make_session(app, make_user(db))[1]["token"]
        body = {"livestreamId": str(stream["_id"])}
        came.append(Wanderer(opener(servers.urls, token, choose, transport), room(stream), "live:join", body))
        return came[-1]

    yield one
    for each in came:
        each.socket.close()


def body(stream: Document, text: str) -> dict[str, str]:
    return {"livestreamId": str(stream["_id"]), "text": text, "clientId": text}


def texts(person: Wanderer | javascript.Person) -> list[str]:
    if isinstance(person, javascript.Person):
        return person.texts
    return [told["message"]["text"] for told in person.told("live:message")]


def everybody_has(people: Sequence[Wanderer | javascript.Person], db: Database, count: int, seconds: float) -> None:
    """Wait until everybody has heard ``count`` lines, and look whether they are the stored ones, in order."""
    wait_until(lambda: all(len(texts(each)) >= count for each in people), seconds)
    in_order = [row["text"] for row in db["livemessages"].find(sort=[("seq", 1)])]
    assert len(in_order) == len(set(in_order)) == count
    for each in people:
        assert texts(each) == in_order


def in_parallel(*work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_thousand_lines_reach_everybody_who_is_cut_again_and_again_between_two_instances(
    app: Flask, db: Database, servers: Instances, stream: Document, come: Come
) -> None:
    """Python's clients and JavaScript's; each is cut at every tenth line and comes back to either instance."""
    javascript.need()
    each_says = LINES // (PEOPLE + SCRIPTS)
    chances = [random.Random(number) for number in range(PEOPLE + SCRIPTS)]
    people = [
        come(chance.choice, "polling" if n % 4 == 0 else "websocket") for n, chance in enumerate(chances[SCRIPTS:])
    ]

    def talk(number: int) -> None:
        person, chance = people[number], chances[SCRIPTS + number]
        for line in range(each_says):
            say = person.ask_and_leave if chance.random() < CUT else person.ask
            say("live:chat", body(stream, f"{number}:{line}"))

    with ExitStack() as stack:
        scripts = []
        for number in range(SCRIPTS):
            token = make_session(app, make_user(db))[1]["token"]
            transports = "websocket" if number % 2 else "polling+websocket"
            urls = servers.urls if number < 2 else servers.urls[::-1]
            scripts.append(stack.enter_context(javascript.Person(urls, token, transports, stream["_id"])))
        wait_until(lambda: all(each.told("joined") for each in scripts), 30)
        for number, script in enumerate(scripts):
            for line in range(each_says):
                script.say(f"js {number}:{line}", cut=chances[number].random() < CUT)
        in_parallel(*(lambda number=number: talk(number) for number in range(PEOPLE)))
        everybody_has([*people, *scripts], db, LINES, 40)
        assert sum(each.cuts for each in people) > PEOPLE * each_says * CUT / 2
        assert sum(len(each.told("disconnect")) for each in scripts) > SCRIPTS * each_says * CUT / 2


def test_neither_a_killed_instance_nor_a_dead_redis_loses_a_line(
    db: Database, servers: Instances, stream: Document, come: Come
) -> None:
    people = [come(random.Random(number).choice) for number in range(6)]
    killed = threading.Event()

    def talk(number: int) -> None:
        for line in range(30):
            people[number].ask("live:chat", body(stream, f"{number}:{line}"))
            if line == 10:
                killed.wait(20)

    def kill() -> None:
        servers.redis.stop(signal.SIGKILL)
        servers.servers[0].stop(signal.SIGKILL)
        killed.set()
        wait_until(lambda: db["livemessages"].count_documents({}) > 6 * 20, 30)
        servers.servers[0].start()
        servers.redis.start()

    in_parallel(kill, *(lambda number=number: talk(number) for number in range(6)))
    wait_until(lambda: answers(servers.urls[0]), 60)
    everybody_has(people, db, 6 * 30, 20)
    assert sum(each.cuts for each in people) >= 2
    # Redis rings again: what one instance tells, the other hears at once.
    first, second = come(lambda urls: urls[0]), come(lambda urls: urls[1])

    def is_rung() -> bool:
        text = f"rung {time.monotonic()}"
        first.ask("live:chat", body(stream, text))
        try:
            wait_until(lambda: text in texts(second), 0.5)
        except AssertionError:
            return False
        return True

    wait_until(is_rung, 8)


def test_viewers_are_counted_once_and_no_longer_when_their_instance_is_killed(
    db: Database, servers: Instances, stream: Document, come: Come
) -> None:
    first_then_second = iterating(servers)
    staying = [come(first_then_second()) for _ in range(3)] + [come(lambda urls: urls[1]) for _ in range(3)]
    going = [come(lambda urls: urls[0]) for _ in range(2)]
    wait_until(lambda: stored(db, stream)["currentViewers"] == 8, 10)
    servers.servers[0].stop(signal.SIGKILL)
    wait_until(lambda: not any(person.socket.is_open for person in [*staying[:3], *going]))
    for person in staying[:3]:  # who was there comes back to the other one
        person.come_back()
    # What the dead instance has said counts for fifteen seconds.
    wait_until(lambda: stored(db, stream)["currentViewers"] == len(staying), 22)
    last = [person.socket.told("live:viewers")[-1]["viewerCount"] for person in staying[3:]]
    assert last == [len(staying)] * 3
    counts = [told["viewerCount"] for told in staying[-1].socket.told("live:viewers")]
    assert max(counts) == 8


def test_a_stopping_instance_tells_two_hundred_sockets_who_go_on_at_the_other_and_miss_nothing(
    app: Flask, db: Database, servers: Instances, stream: Document, come: Come
) -> None:
    """The time is printed: `pytest -s`."""
    javascript.need()
    first_then_second = iterating(servers)
    told: list[str] = []
    with ThreadPoolExecutor(10) as pool:
        people = list(pool.map(lambda _: come(first_then_second()), range(SOCKETS - 1)))
    for person in people:
        person.socket.client.on("disconnect", told.append)
    speaker = come(lambda urls: urls[1])
    with javascript.Person(
        servers.urls, make_session(app, make_user(db))[1]["token"], "websocket", stream["_id"]
    ) as js:
        wait_until(lambda: js.told("joined"), 20)
        process = servers.servers[0].running
        assert process
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        for number in range(20):
            speaker.ask("live:chat", body(stream, f"{number}"))
        process.wait(SECONDS_TO_STOP)
        seconds = time.monotonic() - started
        wait_until(lambda: len(told) == SOCKETS - 1)
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(Wanderer.come_back, people))
        everybody_has([*people, speaker, js], db, 20, 30)
        caught_up = time.monotonic() - started
        assert js.told("disconnect") == [{"event": "disconnect", "reason": "transport close"}]
        # Told, not only cut off: the last frame says so, as far as there was time to read it.
        assert told.count("server disconnect") > 0.9 * len(told), set(told)
        assert all(each.cuts == 1 for each in people)
    sys.stdout.write(f"{SOCKETS} sockets: exit after {seconds:.1f} s, everybody had all after {caught_up:.1f} s\n")


def iterating(servers: Instances) -> Callable[[], Callable[[Sequence[str]], str]]:
    """Return what makes choices of the first instance for the first time, of the second from then on."""

    def choice() -> Callable[[Sequence[str]], str]:
        turns = iter(servers.urls)
        return lambda urls: next(turns, urls[1])

    return choice


def test_what_is_decided_on_one_instance_holds_on_the_other(
    app: Flask, db: Database, servers: Instances, stream: Document
) -> None:
    host, bob = db["users"].find_one({"_id": stream["hostId"]}), make_user(db, username="bob")
    headers = {"Authorization": f"Bearer {make_session(app, host)[1]['token']}"}
    token, place = make_session(app, bob)[1]["token"], {"livestreamId": str(stream["_id"])}
    first, second = (Socket(url, {"token": token}) for url in servers.urls)
    for socket in (first, second):
        assert socket.ask("live:join", place)["ok"]

    def decide(path: str, given: Document, method: str = "POST") -> None:
        url = f"{servers.urls[0]}/api/live/{stream['_id']}/{path}"
        answer = requests.request(method, url, json=given, headers=headers, timeout=10)
        assert answer.ok, answer.text

    def refusal(socket: Socket) -> str | None:
        answer = socket.ask("live:chat", place | {"text": "Hello"})
        return None if answer["ok"] else answer["error"]["code"]

    decide("settings", {"slowModeSeconds": 60}, "PATCH")
    assert [refusal(first), refusal(second)] == [None, "live_slow_mode"]
    decide("settings", {"slowModeSeconds": 0}, "PATCH")
    assert refusal(second) is None
    decide("mutes", {"userId": str(bob["_id"]), "minutes": 5})
    assert [refusal(first), refusal(second)] == ["live_muted"] * 2
    decide("kicks", {"userId": str(bob["_id"]), "minutes": 5})
    wait_until(lambda: [refusal(first), refusal(second)] == ["not_in_room"] * 2, 5)
    assert not second.ask("live:join", place)["ok"]
    for socket in (first, second):
        socket.close()


def test_messages_of_a_conversation_are_heard_on_both_instances_whatever_is_cut(
    app: Flask, db: Database, servers: Instances
) -> None:
    pair = [make_user(db, username="ada"), make_user(db, username="bob")]
    talk = make_talk(db, *pair)
    enter = {"conversationId": str(talk["_id"])}
    devices = []
    for number in range(4):  # two of each of them
        chance = random.Random(number)
        token = make_session(app, pair[number % 2])[1]["token"]
        choose = opener(servers.urls, token, chance.choice, "websocket")
        devices.append((Wanderer(choose, f"conversation_{talk['_id']}", "conversation:join", enter), chance))

    def write(device: Wanderer, chance: random.Random, name: int) -> None:
        for line in range(25):
            say = device.ask_and_leave if chance.random() < CUT else device.ask
            say("message:send", enter | {"text": f"{name}:{line}", "clientId": f"{name}:{line}"})

    def heard(device: Wanderer) -> list[str]:
        return [told["text"] for told in device.told("message:new")]

    in_parallel(*(lambda n=n, each=each: write(*each, n) for n, each in enumerate(devices)))
    wait_until(lambda: all(len(heard(device)) >= 100 for device, _ in devices), 20)
    in_order = [row["text"] for row in db["messages"].find({"conversationId": talk["_id"]}, sort=[("createdAt", 1)])]
    assert len(in_order) == len(set(in_order)) == 100
    for device, _ in devices:
        assert heard(device) == in_order
        device.socket.close()
    assert sum(device.cuts for device, _ in devices) >= 4
