"""A little world with known faults, and what the tests do to it."""

from typing import Any

import bson
from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from mixillo.ops.integrity import plan, repair, runs, scan, undo

ME = {"kind": "operator", "name": "salma"}
NOBODY = ObjectId()


def quiet(done: int, total: int, label: str) -> None:
    """Take note of no progress."""


def stored(database: Database, *names: str) -> dict[str, list[bytes]]:
    """Return the bytes of every document of the named collections (all unless named), in order."""
    options = bson.CodecOptions(RawBSONDocument)
    return {
        name: [document.raw for document in database[name].with_options(options).find().sort("_id", 1)]
        for name in sorted(names or database.list_collection_names())
    }


def missing(database: Database, ops: Database) -> dict[str, int]:
    """Scan and return the references that lead nowhere, with the number of documents."""
    found = scan.scan(database, ops, quiet)["references"]
    return {f"{row['collection']}.{row['path']}": row["missing"] for row in found if row["missing"]}


def make_plan(database: Database, ops: Database, action: str, *only: str) -> dict[str, Any]:
    """Return a plan."""
    return plan.make(database, ops, action, quiet, actor=ME, only=only)


def apply(database: Database, ops: Database, made: dict[str, Any]) -> runs.Run:
    """Apply a plan with the right confirmation."""
    return repair.apply(database, ops, made["_id"], made["confirmation"], quiet, actor=ME)


def take_back(database: Database, ops: Database, run: runs.Run) -> runs.Run:
    """Undo a run with the right confirmation."""
    return undo.undo(database, ops, run["_id"], undo.confirmation_for(run), quiet, actor=ME)


def person(database: Database, number: int = 1) -> ObjectId:
    """Insert a user and return the id."""
    name = f"user{number}"
    return database.users.insert_one({"username": name, "email": f"{name}@example.com"}).inserted_id
