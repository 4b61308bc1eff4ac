"""Gifts: how many a second, and how long the slow ones take, each a transaction over two wallets and the ledger.

Purchases: from asking for a package to the coins in the wallet, through the sandbox's signed web hook.
"""

import itertools
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks import load, people
from benchmarks.people import Headers
from benchmarks.report import Row
from benchmarks.server import Server, serving

CONNECTIONS, SECONDS, COINS = 16, 6, 10_000_000
PURCHASES = 40


def benchmark() -> list[Row]:
    """Return the rows of this part."""
    with serving(dataset="none") as server:
        admin = people.administrator(server)
        return _gifts(server, admin) + _purchases(server, admin)


def _gifts(server: Server, admin: Headers) -> list[Row]:
    gift_id = people.asked(server, "/api/gifts", {"name": "Rose", "price": 7, "icon": "🌹"}, admin)["gift"]["_id"]
    givers = [_person(server, f"giver_{number}", admin) for number in range(CONNECTIONS)]
    creators = [_person(server, f"creator_{number}", admin)[0] for number in range(CONNECTIONS)]
    shapes: dict[str, Callable[[int], str]] = {
        "everybody to a creator of their own": lambda number: creators[number % CONNECTIONS],
        "everybody to one creator": lambda _number: creators[0],
    }
    rows = []
    for name, creator_of in shapes.items():
        load.run(server.url, _sending(gift_id, givers, creator_of), connections=CONNECTIONS, seconds=1)
        result = load.run(server.url, _sending(gift_id, givers, creator_of), connections=CONNECTIONS, seconds=SECONDS)
        shown = f"{result.per_second:,.0f}/s, p95 {result.percentile(0.95):.0f} ms, {result.failures} failed"
        rows.append(Row(f"gifts, {CONNECTIONS} connections, {name}", shown))
    return rows


def _purchases(server: Server, admin: Headers) -> list[Row]:
    package = {"name": "500 coins", "coins": 500, "price": 4.99}
    package_id = people.asked(server, "/api/coins/admin/coin-packages", package, admin)["package"]["_id"]
    buyers = [people.registered(server, f"buyer_{number}")[1] for number in range(CONNECTIONS)]
    rows = []
    for name, together in (("one buyer", buyers[:1]), (f"{CONNECTIONS} buyers at once", buyers)):
        with ThreadPoolExecutor(len(together)) as pool:
            started = time.perf_counter()
            bought = pool.map(lambda buyer: [_bought(server, package_id, buyer) for _ in range(PURCHASES)], together)
            times = load.Result(0.0, [each for of_one in bought for each in of_one])
            times.seconds = time.perf_counter() - started
        shown = f"p50 {times.percentile(0.5):.0f} ms, p95 {times.percentile(0.95):.0f} ms, {times.per_second:,.0f}/s"
        rows.append(Row(f"purchase to credit through the sandbox's web hook, {name}", shown))
    return rows


def _bought(server: Server, package_id: str, buyer: Headers) -> float:
    """Buy a package and return the seconds until its coins were seen in the wallet."""
    had, started = _coins(server, buyer), time.perf_counter()
    payment_id = people.asked(server, "/api/coins/purchase", {"packageId": package_id}, buyer)["payment"]["_id"]
    people.asked(server, f"/api/payments/{payment_id}/sandbox/complete", {}, buyer)
    while _coins(server, buyer) != had + 500:
        if time.perf_counter() > started + 10:
            raise RuntimeError("the coins did not arrive within ten seconds")
    return time.perf_counter() - started


def _coins(server: Server, buyer: Headers) -> int:
    answer = requests.get(f"{server.url}/api/coins/balance", headers=buyer, timeout=30)
    return int(answer.json()["data"]["balance"])


def _sending(
    gift_id: str, givers: list[tuple[str, Headers]], creator_of: Callable[[int], str]
) -> Iterator[load.Request]:
    """Return an endless supply of gifts, each under a key of its own."""
    for number in itertools.count():
        headers = givers[number % len(givers)][1] | {"Idempotency-Key": uuid.uuid4().hex}
        yield "POST", "/api/gifts/send", {"giftId": gift_id, "recipientId": creator_of(number)}, headers


def _person(server: Server, username: str, admin: Headers) -> tuple[str, Headers]:
    """Return the id of somebody new who has coins, and the headers that they send."""
    user_id, headers = people.registered(server, username)
    funds = {"amount": COINS, "description": "For the benchmark"}
    people.asked(server, f"/api/wallets/{user_id}/add-funds", funds, admin)
    return user_id, headers
