"""A thousand lines while everybody's connection is cut again and again: all of them, in order, once each."""

import random
import threading
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.live.services import chatting
from mixillo.core.ratelimits import Rate
from tests.connecting import Connect
from tests.factories.users import make_user
from tests.live.conftest import Document
from tests.sockets import Socket
from tests.waiting import wait_until

PEOPLE, LINES = 20, 1_000
CUT = 0.1
SECONDS = 85.0


class Wanderer:
    """Somebody whose connection is cut at random, and who comes back with the number of what they saw last."""

    def __init__(self, connect: Connect, user: Document, room: str, chance: random.Random) -> None:
        self._connect, self._user, self._room, self._chance = connect, user, room, chance
        self.heard: list[dict[str, Any]] = []
        self.cuts, self._taken = 0, 0
        self.socket: Socket = connect(user)
        answer = self.socket.ask("live:join", {"livestreamId": room.removeprefix("live_")})
        assert answer["ok"], answer
        self._seen: int = answer["seq"]

    def say(self, text: str) -> None:
        """Say something; once in a while without learning whether it was heard, so that it has to be said again."""
        body = {"livestreamId": self._room.removeprefix("live_"), "text": text, "clientId": text}
        if self._chance.random() < CUT:
            self.socket.client.emit("live:chat", body)
            self._come_back()
        answer = self.socket.ask("live:chat", body)
        assert answer["ok"], answer

    def _come_back(self) -> None:
        self.socket.close()
        self._take()
        self.socket, self._taken = self._connect(self._user, {self._room: self._seen}), 0
        self.cuts += 1
        # Its rooms are entered with the connection, which is up when this is heard.
        wait_until(lambda: self.socket.told("socket:ready"))

    def texts(self) -> list[str]:
        """Return what was heard so far, in the order it came."""
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
    room = f"live_{stream['_id']}"
    people = [Wanderer(connect, make_user(db), room, random.Random(number)) for number in range(PEOPLE)]

    def talk(number: int) -> None:
        for line in range(LINES // PEOPLE):
            people[number].say(f"{number}:{line}")

    talking = [threading.Thread(target=talk, args=(number,)) for number in range(PEOPLE)]
    for thread in talking:
        thread.start()
    for thread in talking:
        thread.join()
    wait_until(lambda: all(len(each.texts()) >= LINES for each in people), SECONDS)
    in_order = [row["text"] for row in db["livemessages"].find(sort=[("seq", 1)])]
    assert len(in_order) == len(set(in_order)) == LINES
    for each in people:
        assert each.texts() == in_order
    assert sum(each.cuts for each in people) > LINES * CUT / 2
