"""A thousand lines while everybody's connection is cut again and again: all of them, in order, once each."""

import random
import threading
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.live.services import chatting
from mixillo.core.ratelimits import Rate
from tests.factories.users import make_user
from tests.live.conftest import Connect, Document
from tests.sockets import Socket
from tests.waiting import wait_until

PEOPLE, LINES = 20, 1_000
SECONDS = 85.0


class Wanderer:
    """Somebody whose connection is cut at random, and who comes back with the number of what they saw last."""

    def __init__(self, connect: Connect, user: Document, room: str) -> None:
        self._connect, self._user, self._room = connect, user, room
        self._guard = threading.Lock()
        self.heard: list[dict[str, Any]] = []
        self.cuts, self._taken = 0, 0
        self.socket: Socket = connect(user)
        answer = self.socket.ask("live:join", {"livestreamId": room.removeprefix("live_")})
        assert answer["ok"], answer
        self._seen: int = answer["seq"]

    def say(self, text: str) -> None:
        """Say something, again and again under one id, until it is acknowledged."""
        body = {"livestreamId": self._room.removeprefix("live_"), "text": text, "clientId": text}
        answer: Any = None
        while not (answer and answer["ok"]):
            with self._guard:
                answer = self.socket.ask("live:chat", body)

    def cut(self) -> None:
        """Lose the connection, and come back."""
        with self._guard:
            self.socket.close()
            self._take()
            self.socket, self._taken = self._connect(self._user, {self._room: self._seen}), 0
            self.cuts += 1

    def texts(self) -> list[str]:
        """Return what was heard so far, in the order it came."""
        with self._guard:
            self._take()
        return [told["message"]["text"] for told in self.heard]

    def _take(self) -> None:
        new = self.socket.heard[self._taken :]
        self._taken += len(new)
        self.heard += [told for event, told in new if event == "live:message"]
        self._seen = max([self._seen, *(told["seq"] for _, told in new if told.get("room") == self._room)])


@pytest.mark.slow
def test_a_thousand_lines_reach_everybody_in_order_once(
    app: Flask, db: Database, connect: Connect, stream: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chatting, "LINES", Rate("live_chat", 100_000, 10))
    room, chance = f"live_{stream['_id']}", random.Random(7)
    people = [Wanderer(connect, make_user(db), room) for _ in range(PEOPLE)]
    done = threading.Event()

    def talk(number: int) -> None:
        for line in range(LINES // PEOPLE):
            people[number].say(f"{number}:{line}")

    def cut() -> None:
        while not done.wait(chance.uniform(0.02, 0.1)):
            chance.choice(people).cut()

    talking = [threading.Thread(target=talk, args=(number,)) for number in range(PEOPLE)]
    cutting = threading.Thread(target=cut)
    for thread in [*talking, cutting]:
        thread.start()
    for thread in talking:
        thread.join()
    done.set()
    cutting.join()
    wait_until(lambda: all(len(each.texts()) >= LINES for each in people), SECONDS)
    in_order = [row["text"] for row in db["livemessages"].find(sort=[("seq", 1)])]
    assert len(in_order) == len(set(in_order)) == LINES
    for each in people:
        assert each.texts() == in_order
    assert sum(each.cuts for each in people) > PEOPLE
