"""How the database found what a piece of code asked for: its own profiler, at every operation."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.database import Database

from mixillo.ops.metrics.flushing import Flusher
from tests.waiting import wait_until

# Collections of so few documents that no index would help.
HANDFUL = ("alerts", "alertrules", "migrations")
# What jobs that a round has begun are called.
IN_THE_BACKGROUND = "_run_quietly"
OPERATIONS = ("query", "command", "update", "remove", "getmore")


@contextmanager
def profiled(*databases: Database) -> Iterator[list[dict[str, Any]]]:
    """Collect what the ``databases`` do inside the block, as entries of their profiler, read at its end.

    The rounds that servers of this process make by themselves end before it or begin after it, and are not asked here.
    """
    entries: list[dict[str, Any]] = []
    rounds, tasks = Flusher.run, {Flusher.run.__name__, *_afterwards(), IN_THE_BACKGROUND}
    Flusher.run = lambda _self: None  # type: ignore[method-assign]
    wait_until(lambda: not _are_under_way(tasks))
    for database in databases:
        database.command("profile", 0)
        database["system.profile"].drop()
        database.command("profile", 2)
    try:
        yield entries
    finally:
        Flusher.run = rounds  # type: ignore[method-assign]
        for database in databases:
            database.command("profile", 0)
    for database in databases:
        entries += database["system.profile"].find({"op": {"$in": OPERATIONS}, "ns": {"$not": {"$regex": r"system\."}}})
        database["system.profile"].drop()


def _afterwards() -> set[str]:
    """Return what the tasks are called that follow a round."""
    # By type, as asking for the class would wake proxies that stand for nothing now.
    flushers = [each for each in gc.get_objects() if type(each) is Flusher]
    return {follow.__name__ for flusher in flushers for follow in flusher.afterwards}


def _are_under_way(tasks: set[str]) -> bool:
    """Return whether one of ``tasks`` runs: threads carry the names of what they run."""
    names = tuple(f"({task})" for task in tasks)
    return any(thread.name.endswith(names) for thread in threading.enumerate())


def faults(entries: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Return the operations that read a whole collection or sorted in memory."""
    return [
        (entry["ns"], entry.get("command") or entry.get("q"))
        for entry in entries
        if not _may_scan(entry) and ("COLLSCAN" in entry.get("planSummary", "") or entry.get("hasSortStage"))
    ]


def _may_scan(entry: dict[str, Any]) -> bool:
    """Return whether it follows the changes (a scan of the log), wants any one document, or reads a handful.

    The handful is read by the server's own watches, beside whatever is asked here.
    """
    command = entry.get("command") or {}
    if command.get("find") in HANDFUL:
        return True
    pipeline = (entry.get("originatingCommand") or command).get("pipeline") or [{}]
    return "$changeStream" in pipeline[0] or _looks_for_anything(command)


def _looks_for_anything(command: dict[str, Any]) -> bool:
    """Return whether one document, whichever comes first, is all that ``command`` reads."""
    return command.get("filter") == {} and command.get("limit") == 1 and "sort" not in command
