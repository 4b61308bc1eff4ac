"""What clients may send over a socket: each event declared, validated, limited and acknowledged.

A feature declares what it listens to in its module ``sockets``::

    @asked("live:chat", ChatSchema, does="says something in a live stream", answer=SaidSchema)
    def chat(viewer: Viewer, data: dict) -> dict: ...

The acknowledgement is ``{"ok": True, …what was returned}`` or ``{"ok": False, "error": {code, message}}``; nothing that
a client sends is relayed as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from marshmallow import Schema, ValidationError
from pymongo.errors import PyMongoError

from mixillo.core.api import validation_failed
from mixillo.core.security import Viewer
from mixillo.errors import AppError, ServiceUnavailable

log = structlog.get_logger(__name__)
Data = dict[str, Any]
Work = Callable[[Viewer, Data], Data | None]
# What Socket.IO itself calls its events.
RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})


@dataclass(frozen=True)
class Question:
    """One event that clients may send: ``does`` says in words what it does, ``answer`` what comes back besides `ok`."""

    name: str
    schema: type[Schema]
    does: str
    answer: type[Schema] | None
    work: Work


CATALOGUE: dict[str, Question] = {}


def asked(name: str, schema: type[Schema], *, does: str, answer: type[Schema] | None = None) -> Callable[[Work], Work]:
    """Declare that clients may send ``name``, and what is done then."""

    def declare(work: Work) -> Work:
        if name in CATALOGUE or name in RESERVED:
            raise ValueError(f"the event {name} is taken")
        CATALOGUE[name] = Question(name, schema, does, answer, work)
        return work

    return declare


def as_markdown() -> str:
    """Return the catalogue as the table in ``docs/events.md``."""
    lines = ["| Event | What it does | What is sent | What comes back, besides `ok` |", "| --- | --- | --- | --- |"]
    for _, question in sorted(CATALOGUE.items()):
        answer = _names(question.answer) if question.answer else ""
        lines.append(f"| `{question.name}` | {question.does} | {_names(question.schema)} | {answer} |")
    return "\n".join(lines) + "\n"


def answered(question: Question, viewer: Viewer, sent: tuple[Any, ...]) -> Data:
    """Do what was asked for and return the acknowledgement; nothing is raised."""
    try:
        return {"ok": True} | (question.work(viewer, _loaded(question, sent)) or {})
    except AppError as error:
        return refusal(error)
    except PyMongoError as error:
        log.warning("socket_without_database", event_name=question.name, reason=str(error))
        return refusal(ServiceUnavailable("The database does not answer right now."))
    except Exception:
        log.exception("socket_failed", event_name=question.name)
        return refusal(AppError())


def refusal(error: AppError) -> Data:
    """Return the acknowledgement that says what went wrong."""
    told: Data = {"code": error.code, "message": error.detail}
    if error.errors:
        told["errors"] = error.errors
    return {"ok": False, "error": told}


def _names(schema: type[Schema]) -> str:
    return ", ".join(f"`{field.data_key or name}`" for name, field in schema().fields.items())


def _loaded(question: Question, sent: tuple[Any, ...]) -> Data:
    """Return what was sent, checked; a bare text is the only field of an event that has one.

    :raises ValidationFailed: it is something else.
    """
    schema = question.schema()
    data = sent[0] if sent and sent[0] is not None else {}
    if isinstance(data, str) and len(schema.fields) == 1:
        data = {next(iter(schema.fields)): data}
    try:
        loaded: Data = schema.load(data)
    except ValidationError as error:
        raise validation_failed(error.normalized_messages()) from None
    return loaded
