"""How the database found what a piece of code asked for: its own profiler, at every operation."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.database import Database

from tests import rounds

# Collections of so few documents that no index would help.
HANDFUL = ("alerts", "alertrules", "migrations")
OPERATIONS = ("query", "command", "update", "remove", "getmore")


@contextmanager
def profiled(*databases: Database) -> Iterator[list[dict[str, Any]]]:
    """Collect what the ``databases`` do inside the block, as entries of their profiler, read at its end.

    The rounds that servers of this process make by themselves end before it or begin after it, and are not asked here.
    """
    entries: list[dict[str, Any]] = []
    go_on = rounds.hold()
    for database in databases:
        database.command("profile", 0)
        database["system.profile"].drop()
        database.command("profile", 2)
    try:
        yield entries
    finally:
        go_on()
        for database in databases:
            database.command("profile", 0)
    for database in databases:
        entries += database["system.profile"].find({"op": {"$in": OPERATIONS}, "ns": {"$not": {"$regex": r"system\."}}})
        database["system.profile"].drop()


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
