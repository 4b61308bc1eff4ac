"""Clients whose connections end again and again, and who come back with the number of what they saw last."""

from collections.abc import Callable, Sequence
from typing import Any

import socketio

from tests.sockets import Socket
from tests.waiting import wait_until

# open(offsets): a socket of somebody who saw so much of each room.
Open = Callable[[dict[str, int]], Socket]
SECONDS_TO_COME_BACK, SECONDS_TO_ANSWER = 30.0, 10.0


class Wanderer:
    """Somebody in ``room``; ``heard`` has what was told there, in the order it came."""

    def __init__(self, open_socket: Open, room: str, enter: str, body: dict[str, Any]) -> None:
        self._open, self._room = open_socket, room
        self._taken, self.cuts = 0, 0
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.socket = open_socket({})
        answer = self.socket.ask(enter, body)
        assert answer["ok"], answer
        self._seen: int = answer["seq"]

    def ask(self, event: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send something until it is answered, over one connection after the other."""
        while (answer := self._answer(event, body)) is None:
            self.come_back()
        assert answer["ok"], answer
        return answer

    def ask_and_leave(self, event: str, body: dict[str, Any]) -> None:
        """Send something and come back without having learned whether it was heard; then make sure of it."""
        if self.socket.is_open:
            self.socket.client.emit(event, body)
        self.come_back()
        self.ask(event, body)

    def _answer(self, event: str, body: dict[str, Any]) -> dict[str, Any] | None:
        answers: list[dict[str, Any]] = []
        try:
            self.socket.client.emit(event, body, callback=answers.append)
        except socketio.exceptions.BadNamespaceError:  # it has just ended
            return None
        wait_until(lambda: answers or not self.socket.is_open, SECONDS_TO_ANSWER)
        return answers[0] if answers else None

    def come_back(self) -> None:
        """End the connection, if it has not ended, and open another."""
        self.socket.close()
        self.look()
        self.socket, self._taken = self._open({self._room: self._seen}), 0
        self.cuts += 1
        # Its rooms are entered with the connection, which is up when this is heard.
        wait_until(lambda: self.socket.told("socket:ready"))

    def look(self) -> None:
        """Take what has come by now."""
        new = self.socket.heard[self._taken :]
        self._taken += len(new)
        there = [(event, told) for event, told in new if told.get("room") == self._room]
        resets = [(told, self._seen) for event, told in there if event == "room:reset"]
        assert not resets, resets
        self.heard += there
        self._seen = max([self._seen, *(told["seq"] for _, told in there if "seq" in told)])

    def told(self, event: str) -> list[dict[str, Any]]:
        """Return the payloads of ``event`` so far; who was cut off comes back first."""
        if not self.socket.is_open:
            self.come_back()
        self.look()
        return [told for name, told in self.heard if name == event]


def opener(urls: Sequence[str], token: str, choose: Callable[[Sequence[str]], str], transport: str) -> Open:
    """Return what opens a socket at one of ``urls`` that answers; ``choose`` picks one."""

    def attempt(offsets: dict[str, int]) -> Socket | None:
        try:
            socket = Socket(choose(urls), {"token": token, "offsets": offsets}, transport=transport)
        except (socketio.exceptions.ConnectionError, AssertionError):  # nobody is there
            return None
        return socket if socket.is_open else None

    def open_one(offsets: dict[str, int]) -> Socket:
        socket = wait_until(lambda: attempt(offsets), SECONDS_TO_COME_BACK)
        assert socket
        return socket

    return open_one
