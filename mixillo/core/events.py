"""The catalogue of live events: what a client may hear on the default namespace, who hears it and in which shape.

A feature declares its events in its module ``events``, and emits what it declared. In tests every payload is held
against its schema.
"""

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from mixillo.core import json


@dataclass(frozen=True)
class Event:
    """One event: ``hearers`` says in words who is told, ``when`` at which moment.

    What ``is_logged`` has a number in its room (``room`` and ``seq`` in the payload) and is sent again to clients that
    come back; what is not, such as a counter that the next one replaces, is heard by whoever is there.
    """

    name: str
    schema: type[Schema]
    hearers: str
    when: str
    is_logged: bool = True


CATALOGUE: dict[str, Event] = {}


def declare(name: str, schema: type[Schema], *, hearers: str, when: str, is_logged: bool = True) -> Event:
    """Enter an event into the catalogue and return it."""
    if name in CATALOGUE:
        raise ValueError(f"the event {name} is declared twice")
    CATALOGUE[name] = Event(name, schema, hearers, when, is_logged)
    return CATALOGUE[name]


def check(event: Event, payload: dict[str, Any]) -> None:
    """Hold a payload against its schema.

    :raises ValidationError: it has another shape.
    """
    event.schema().load(json.loads(json.dumps(payload)))


def as_markdown() -> str:
    """Return the catalogue as the table in ``docs/events.md``."""
    lines = ["| Event | Who hears it | When | Payload |", "| --- | --- | --- | --- |"]
    for _, event in sorted(CATALOGUE.items()):
        payload = ", ".join(f"`{field.data_key or name}`" for name, field in event.schema().fields.items())
        lines.append(f"| `{event.name}` | {event.hearers} | {event.when} | {payload} |")
    return "\n".join(lines) + "\n"
