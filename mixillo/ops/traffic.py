"""A little life for demonstrations: a handful of people who browse, follow, mistype and come back.

Everything goes over HTTP, paced, and bounded in time and number. What it creates it leaves there, and says so.
"""

import http.client
import ipaddress
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from mixillo.core import clock

PEOPLE = 8
MAX_MINUTES, MAX_RATE, MAX_REQUESTS = 24 * 60, 50.0, 200_000
TIMEOUT_SECONDS = 15
NO_ANSWER = 0

Told = Callable[[str], None]


class TrafficError(Exception):
    """Traffic cannot be made there; the message is one sentence for the operator."""


@dataclass
class Person:
    """An account of this run, and what it needs to act."""

    username: str
    email: str
    password: str
    id: str = ""
    token: str = ""
    refresh_token: str = ""


@dataclass
class Summary:
    """What was done: answers by status (0: none came), accounts created, follows made, and in how many seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    accounts: list[str] = field(default_factory=list)
    follows: int = 0
    seconds: float = 0.0

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self.statuses.total()

    def as_dict(self) -> dict[str, Any]:
        """Return the figures under the names that ``--json`` uses."""
        return {
            "requests": self.requests,
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "accounts": self.accounts,
            "follows": self.follows,
            "seconds": round(self.seconds, 1),
        }


def is_loopback(base_url: str) -> bool:
    """Return whether ``base_url`` is on this machine."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Traffic:
    """Makes requests against ``base_url``; one connection, one request at a time, ``rate`` of them per second.

    :raises TrafficError: ``base_url`` is no HTTP address.
    """

    def __init__(self, base_url: str, *, rate: float, seed: int | None = None) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TrafficError(f"{base_url} is not an address like http://localhost:5000.")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
        self._pause = 1.0 / rate
        self._chance = random.Random(seed)  # noqa: S311  variety, no secret
        self._people: list[Person] = []
        self._next_at = time.monotonic()
        self.summary = Summary()

    def run(self, minutes: float, tell: Told) -> Summary:
        """Act until the time is over; ``tell`` hears about the progress every few seconds.

        :raises TrafficError: nobody answers there, or no account can be made.
        """
        started = self._next_at = time.monotonic()
        tell_at = started
        if self._send("GET", "/health") == NO_ANSWER:
            raise TrafficError("Nobody answers there.")
        try:
            while time.monotonic() - started < minutes * 60 and self.summary.requests < MAX_REQUESTS:
                self._act()
                if time.monotonic() >= tell_at:
                    tell_at += 5
                    tell(self._progress(time.monotonic() - started, minutes))
        finally:
            self.summary.seconds = time.monotonic() - started
            self._connection.close()
        return self.summary

    def _act(self) -> None:
        """Do one of the things that people do, the common ones more often."""
        if len(self._people) < PEOPLE and self._chance.random() < 0.2:
            return self._register()
        actions: list[tuple[int, Callable[[], Any]]] = [
            (30, self._browse),
            (12, self._look_at_oneself),
            (10, self._search),
            (8, self._follow),
            (6, self._get_lost),
            (5, self._mistype),
            (4, self._come_back),
            (3, self._sign_in),
            (2, self._forget_to_sign_in),
        ]
        weights, choices = zip(*actions, strict=True)
        return self._chance.choices(choices, weights)[0]()

    def _register(self) -> None:
        name = f"traffic_{clock.random_token(6).lower().replace('-', 'x').replace('_', 'x')}"
        person = Person(name, f"{name}@example.com", clock.random_token(18))
        body = {"username": name, "email": person.email, "password": person.password, "fullName": "Traffic Demo"}
        status = self._send("POST", "/api/auth/register", body, keep=lambda data: _signed_in(person, data))
        if status == 201:
            self._people.append(person)
            self.summary.accounts.append(name)

    def _sign_in(self) -> None:
        if person := self._somebody():
            body = {"identifier": person.email, "password": person.password}
            self._send("POST", "/api/auth/login", body, keep=lambda data: _signed_in(person, data))

    def _come_back(self) -> None:
        if person := self._somebody():
            body = {"refreshToken": person.refresh_token}
            self._send("POST", "/api/auth/refresh", body, keep=lambda data: _signed_in(person, data))

    def _browse(self) -> None:
        page, limit = self._chance.randint(1, 3), self._chance.choice((10, 20, 50))
        path = self._chance.choice((f"/api/users?page={page}&limit={limit}", "/health", "/api/health/db"))
        self._send("GET", path, person=self._somebody())

    def _search(self) -> None:
        word = self._chance.choice(("ada", "traffic", "demo", "a", "nobody"))
        self._send("GET", f"/api/users/search?q={word}", person=self._somebody())

    def _look_at_oneself(self) -> None:
        path = self._chance.choice(("/api/auth/me", "/api/users/me", "/api/auth/sessions", "/api/users/blocked"))
        self._send("GET", path, person=self._somebody())

    def _follow(self) -> None:
        one, other = self._somebody(), self._somebody()
        if one and other and one is not other:
            method = self._chance.choice(("POST", "POST", "DELETE"))
            status = self._send(method, f"/api/users/{other.id}/follow", person=one)
            self.summary.follows += method == "POST" and status < 300
            self._send("GET", f"/api/users/{other.id}/followers", person=one)

    def _get_lost(self) -> None:
        path = self._chance.choice(("/api/nothing", "/api/users/ffffffffffffffffffffffff", "/favicon.ico"))
        self._send("GET", path)

    def _mistype(self) -> None:
        self._send("POST", "/api/auth/login", {"identifier": "", "pasword": "x"})
        self._send("GET", "/api/users/not-an-id")

    def _forget_to_sign_in(self) -> None:
        self._send("GET", "/api/auth/me")

    def _somebody(self) -> Person | None:
        return self._chance.choice(self._people) if self._people else None

    def _send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        person: Person | None = None,
        keep: Callable[[dict[str, Any]], None] | None = None,
    ) -> int:
        """Send one request when its time has come, and return the status of its answer."""
        time.sleep(max(0.0, self._next_at - time.monotonic()))
        self._next_at = max(self._next_at + self._pause, time.monotonic())
        headers = {"User-Agent": "mixillo-traffic", "Content-Type": "application/json"}
        if person:
            headers["Authorization"] = f"Bearer {person.token}"
        try:
            self._connection.request(method, path, orjson.dumps(body) if body is not None else None, headers)
            answer = self._connection.getresponse()
            status, raw = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            status, raw = NO_ANSWER, b""
        self.summary.statuses[status] += 1
        if keep and 200 <= status < 300:
            keep(orjson.loads(raw)["data"])
        return status

    def _progress(self, seconds: float, minutes: float) -> str:
        classes = Counter(
            f"{status // 100}xx" if status else "no answer" for status in self.summary.statuses.elements()
        )
        shown = ", ".join(f"{count} × {name}" for name, count in sorted(classes.items()))
        return f"{seconds / 60:.1f} of {minutes:g} min: {shown}"


def _signed_in(person: Person, data: dict[str, Any]) -> None:
    person.token, person.refresh_token = data["token"], data["refreshToken"]
    if "user" in data:
        person.id = data["user"]["_id"]
