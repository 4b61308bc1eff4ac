"""The commands that follow from a verdict, to be copied into a shell as they are."""

import json
import shlex
from collections.abc import Iterable
from typing import Any


def to_create(collection: str, keys: Iterable[tuple[str, Any]]) -> str:
    """Return the command that creates an index; building one takes its time, so it is not done from a page."""
    script = f"db.getCollection({json.dumps(collection)}).createIndex({json.dumps(dict(keys))})"
    return f'mongosh "$MONGODB_URI" --eval {shlex.quote(script)}'


def to_hide(collection: str, name: str) -> str:
    """Return the command that keeps the planner from using an index."""
    return f"mixillo db indexes --hide {shlex.quote(f'{collection}/{name}')}"


def to_drop(collection: str, name: str) -> str:
    """Return the command that drops an index that has been hidden for a day."""
    return f"mixillo db indexes --drop {shlex.quote(f'{collection}/{name}')}"
