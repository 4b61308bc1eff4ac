"""What is dear to compute is computed once for all who ask at once, and again when its time is over."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mixillo.core.kept import MOST, Keeper


class Counted:
    """Computes how often it was asked to."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def test_it_is_computed_once_for_a_while() -> None:
    keeper, compute = Keeper(), Counted()
    assert [keeper.get("a", 60, compute) for _ in range(3)] == [1, 1, 1]
    assert keeper.get("b", 60, compute) == 2
    assert keeper.get("a", 60, compute) == 1


def test_it_is_computed_again_when_its_time_is_over_or_it_is_forgotten() -> None:
    keeper, compute = Keeper(), Counted()
    assert [keeper.get("a", 0, compute) for _ in range(2)] == [1, 2]
    assert keeper.get("b", 60, compute) == 3
    keeper.forget()
    assert keeper.get("b", 60, compute) == 4


def test_many_who_ask_at_once_cost_one_computation() -> None:
    keeper, compute, everybody = Keeper(), Counted(), threading.Barrier(8)

    def ask(_number: int) -> int:
        everybody.wait()
        return keeper.get("a", 60, compute)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [1] * 8


def test_what_failed_is_tried_again() -> None:
    keeper = Keeper()

    def fail() -> int:
        raise OSError("no disk")

    for _ in range(2):
        with pytest.raises(OSError, match="no disk"):
            keeper.get("a", 60, fail)
    assert keeper.get("a", 60, lambda: 5) == 5


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    keeper, compute = Keeper(), Counted()
    for key in range(MOST + 1):
        keeper.get(key, 60, compute)
    assert keeper.get(MOST, 60, compute) == MOST + 1
    assert keeper.get(0, 60, compute) == MOST + 2
