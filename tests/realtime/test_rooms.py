"""What is told in a room: in order, once, and also to who was away."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database
from pymongo.errors import AutoReconnect, OperationFailure

from mixillo.blueprints.wallets.events import WALLET_UPDATED
from mixillo.core import clock, realtime
from mixillo.core.db import transact
from mixillo.core.realtime import room_log
from mixillo.core.realtime.delivery import MOST_REPLAYED
from tests.connecting import Connect
from tests.factories.users import make_user
from tests.people import User
from tests.plans import faults, profiled
from tests.waiting import wait_until

BALANCE = {"walletId": "6b0452fb139052874db6cba4", "currency": "coins", "transactionId": None, "type": None}


def payload(number: int) -> dict[str, Any]:
    return BALANCE | {"balance": number, "available": number}


def tell(user: User, *numbers: int) -> None:
    for number in numbers:
        realtime.emit_to_user(user["_id"], WALLET_UPDATED, payload(number))


def balances(socket: Any) -> list[int]:
    return [told["balance"] for told in socket.told("wallet:updated")]


def place(socket: Any, user: User) -> int:
    """Return the number of what was told last in a user's own room when the socket was ready."""
    ready = wait_until(lambda: [payload for name, payload in socket.heard if name == "socket:ready"])
    return int(ready[0]["rooms"][realtime.user_room(user["_id"])])


def test_who_comes_back_hears_what_they_missed_in_order_and_once(app: Flask, connect: Connect, ada: User) -> None:
    first = connect(ada)
    tell(ada, 1, 2)
    wait_until(lambda: balances(first) == [1, 2])
    seen = first.numbers(realtime.user_room(ada["_id"]))
    first.close()
    tell(ada, 3, 4, 5)
    second = connect(ada, {realtime.user_room(ada["_id"]): seen[-1]})
    tell(ada, 6)
    wait_until(lambda: len(balances(second)) >= 4)
    assert balances(second) == [3, 4, 5, 6]
    assert second.numbers(realtime.user_room(ada["_id"])) == [seen[-1] + n for n in (1, 2, 3, 4)]


def test_who_is_cut_before_anything_was_told_misses_nothing(app: Flask, connect: Connect, ada: User) -> None:
    first = connect(ada)
    seen = place(first, ada)
    first.close()
    tell(ada, 1, 2)
    second = connect(ada, {realtime.user_room(ada["_id"]): seen})
    wait_until(lambda: len(balances(second)) >= 2)
    assert balances(second) == [1, 2]
    assert second.told("room:reset") == []


def test_who_comes_from_an_instance_that_was_told_more_hears_nothing_twice(
    app: Flask, connect: Connect, ada: User
) -> None:
    room, here = realtime.user_room(ada["_id"]), connect(ada)
    tell(ada, 1)
    wait_until(lambda: balances(here) == [1])
    elsewhere = realtime.told([(room, WALLET_UPDATED, payload(2))])  # its bell is not heard here
    coming = connect(ada, {room: elsewhere[0].seq})
    assert place(coming, ada) == elsewhere[0].seq
    tell(ada, 3)
    wait_until(lambda: balances(coming) and len(balances(here)) == 3)
    assert (balances(here), balances(coming)) == ([1, 2, 3], [3])


def test_of_two_who_tell_the_first_thing_in_a_room_at_once_one_is_second(app: Flask, ada: User) -> None:
    room, client = realtime.user_room(ada["_id"]), room_log.rows().database.client
    with client.start_session() as one, client.start_session() as other, one.start_transaction():
        first = realtime.told([(room, WALLET_UPDATED, payload(1))], one)
        wait_until(lambda: clock.now().timestamp() > (first[0].at or 0) + 0.01)
        with pytest.raises(OperationFailure) as conflict, other.start_transaction():
            realtime.told([(room, WALLET_UPDATED, payload(2))], other)
        assert conflict.value.has_error_label("TransientTransactionError")
    assert realtime.told([(room, WALLET_UPDATED, payload(2))])[0].seq == first[0].seq + 1


def test_who_says_nothing_about_what_they_saw_hears_what_comes(app: Flask, connect: Connect, ada: User) -> None:
    tell(ada, 1)
    socket = connect(ada)
    tell(ada, 2)
    wait_until(lambda: balances(socket))
    assert balances(socket) == [2]


def test_nobody_hears_what_was_told_to_another(app: Flask, db: Database, connect: Connect, ada: User) -> None:
    tell(ada, 1)
    eve = make_user(db)
    socket = connect(eve, {realtime.user_room(ada["_id"]): 0, f"session_{ada['_id']}": 0, "": 0, "x": "y"})
    assert place(socket, eve) == room_log.start(clock.now())
    tell(ada, 2)
    tell(eve, 3)
    wait_until(lambda: balances(socket))
    assert balances(socket) == [3]


@pytest.mark.parametrize("offsets", [[], "x", {"room": 1}, {"video_x": 1}, 7, {"video_" + "0" * 24: 1}])
def test_offsets_that_make_no_sense_are_left_alone(app: Flask, connect: Connect, ada: User, offsets: Any) -> None:
    assert list(wait_until(lambda: connect(ada, offsets).told("socket:ready"))[0]["rooms"]) == [
        realtime.user_room(ada["_id"])
    ]


def test_many_who_tell_at_once_are_heard_in_one_order(app: Flask, connect: Connect, ada: User) -> None:
    sockets = [connect(ada) for _ in range(3)]
    start = place(sockets[0], ada)

    def tell_twenty(first: int) -> None:
        with app.app_context():
            tell(ada, *range(first, first + 20))

    threads = [threading.Thread(target=tell_twenty, args=(20 * n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for socket in sockets:
        wait_until(lambda socket=socket: len(balances(socket)) >= 160)
        numbers = socket.numbers(realtime.user_room(ada["_id"]))
        assert numbers == list(range(numbers[0], numbers[0] + 160))
        assert numbers[0] == start + 1 or start == 0
        assert sorted(balances(socket)) == list(range(160))
    assert balances(sockets[0]) == balances(sockets[1]) == balances(sockets[2])


def test_what_nobody_rang_the_bell_for_is_heard_all_the_same(app: Flask, connect: Connect, ada: User) -> None:
    socket = connect(ada)
    room = realtime.user_room(ada["_id"])
    room_log.append([(room, WALLET_UPDATED, payload(1)), (room, WALLET_UPDATED, payload(2))])  # by another process
    wait_until(lambda: balances(socket) == [1, 2], seconds=5)
    room_log.append([(room, WALLET_UPDATED, payload(3))])
    tell(ada, 4)
    wait_until(lambda: balances(socket) == [1, 2, 3, 4], seconds=1)


def test_what_a_transaction_tells_is_told_with_it_or_not_at_all(app: Flask, connect: Connect, ada: User) -> None:
    socket = connect(ada)
    told = [(realtime.user_room(ada["_id"]), WALLET_UPDATED, payload(1))]
    with pytest.raises(RuntimeError), app.app_context():
        transact(lambda session: (realtime.told(told, session), raise_()))
    realtime.deliver(transact(lambda session: realtime.told(told, session)))
    wait_until(lambda: balances(socket))
    assert balances(socket) == [1]
    assert room_log.rows().count_documents({}) == 1


def raise_() -> None:
    raise RuntimeError


def test_who_was_away_for_too_long_is_told_to_read_anew(
    app: Flask, ops_db: Database, connect: Connect, ada: User
) -> None:
    room = realtime.user_room(ada["_id"])
    tell(ada, 1, 2, 3)
    first = room_log.last(room) - 2
    room_log.rows().delete_one({"_id": {"room": room, "seq": first + 1}})
    socket = connect(ada, {room: first})
    assert wait_until(lambda: [told for name, told in socket.heard if name == "room:reset"]) == [
        {"room": room, "seq": first + 2}
    ]
    assert balances(socket) == []
    tell(ada, 4)
    wait_until(lambda: balances(socket) == [4])


def test_who_missed_too_much_is_told_to_read_anew(app: Flask, connect: Connect, ada: User) -> None:
    room, now = realtime.user_room(ada["_id"]), clock.now()
    missed = range(1, MOST_REPLAYED + 2)
    room_log.rows().insert_many(
        {"_id": {"room": room, "seq": n}, "event": "wallet:updated", "payload": "{}", "at": now} for n in missed
    )
    assert wait_until(lambda: connect(ada, {room: 0}).told("room:reset"))
    assert wait_until(lambda: len(connect(ada, {room: 1}).told("wallet:updated")) == MOST_REPLAYED)


def test_numbers_never_come_again_after_a_room_is_forgotten(
    app: Flask, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = realtime.user_room(ada["_id"])
    tell(ada, 1)
    before = room_log.last(room)
    room_log.rows().delete_many({})
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    tell(ada, 1)
    assert room_log.last(room) > before


def test_a_log_that_cannot_be_written_keeps_nobody_from_hearing(
    app: Flask, connect: Connect, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = connect(ada)

    def fail(*_arguments: Any) -> None:
        raise AutoReconnect("gone")

    monkeypatch.setattr(room_log, "append", fail)
    tell(ada, 1)
    wait_until(lambda: balances(socket) == [1])


def test_the_log_is_read_by_its_indexes(app: Flask, ops_db: Database, ada: User) -> None:
    tell(ada, 1, 2, 3)
    room = realtime.user_room(ada["_id"])
    with profiled(ops_db) as entries:
        assert len(room_log.behind(room, 0)) == 3
        assert room_log.heads_since(clock.now() - timedelta(minutes=1)) == {room: room_log.last(room)}
    assert len(entries) >= 3
    assert faults(entries) == []
