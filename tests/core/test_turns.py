"""Turns: who changes the same waits, who changes something else does not, and nobody waits for ever."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from bson import ObjectId

from mixillo.core.turns import taken


def test_one_at_a_time_has_the_turn_of_a_key() -> None:
    key, inside, most = ObjectId(), 0, 0

    def work(_number: int) -> None:
        nonlocal inside, most
        with taken([key], 10):
            inside += 1
            most = max(most, inside)
            time.sleep(0.001)
            inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert most == 1


def test_other_keys_have_other_turns() -> None:
    both = threading.Barrier(2)

    def work(key: int) -> None:
        with taken([key], 10):
            both.wait(5)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, [1, 2]))


def test_nobody_waits_in_a_circle() -> None:
    def work(number: int) -> float:
        started = time.monotonic()
        with taken([1, 2, 3] if number % 2 else [3, 2, 1], 10):
            return time.monotonic() - started

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(work, range(200))) < 5


def test_whoever_has_waited_long_enough_goes_on_without() -> None:
    with taken(["a"], 10):
        started = time.monotonic()
        with taken(["a", "b"], 0.05):
            assert 0.05 <= time.monotonic() - started < 5


def test_a_turn_ends_with_what_failed_in_it() -> None:
    for _ in range(2):
        try:
            with taken(["a"], 10):
                raise OSError
        except OSError:
            continue
    started = time.monotonic()
    with taken(["a"], 10):
        assert time.monotonic() - started < 5


def test_the_same_key_twice_is_one_turn() -> None:
    with taken(["a", "a"], 0.0):
        pass
