"""The rounds that servers of this process make by themselves every ten seconds, and when there are none."""

import gc
import threading
from collections.abc import Callable

from mixillo.ops.metrics.flushing import Flusher
from tests.waiting import wait_until

# What jobs that a round has begun are called.
IN_THE_BACKGROUND = "_run_quietly"


def hold() -> Callable[[], None]:
    """Begin no more rounds, wait for those under way, and return what lets them go on."""
    rounds, tasks = Flusher.run, {Flusher.run.__name__, *_afterwards(), IN_THE_BACKGROUND}
    Flusher.run = lambda _self: None  # type: ignore[method-assign]

    def go_on() -> None:
        Flusher.run = rounds  # type: ignore[method-assign]

    wait_until(lambda: not _are_under_way(tasks))
    return go_on


def _afterwards() -> set[str]:
    """Return what the tasks are called that follow a round."""
    # By type, as asking for the class would wake proxies that stand for nothing now.
    flushers = [each for each in gc.get_objects() if type(each) is Flusher]
    return {follow.__name__ for flusher in flushers for follow in flusher.afterwards}


def _are_under_way(tasks: set[str]) -> bool:
    """Return whether one of ``tasks`` runs: threads carry the names of what they run."""
    names = tuple(f"({task})" for task in tasks)
    return any(thread.name.endswith(names) for thread in threading.enumerate())
