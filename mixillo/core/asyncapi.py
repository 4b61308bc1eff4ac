"""The live events as an AsyncAPI 3 document, from what was declared: what the server tells, what clients may send."""

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from mixillo.core import events
from mixillo.core.events import Event
from mixillo.core.realtime import asking
from mixillo.core.realtime.asking import Question
from mixillo.version import VERSION

Document = dict[str, Any]
CHANNEL = {"$ref": "#/channels/events"}
PLACE: Document = {
    "type": "object",
    "required": ["room", "seq"],
    "properties": {
        "room": {"type": "string", "description": "Where it was told."},
        "seq": {"type": "integer", "description": "Its number there; the next one is one more."},
    },
}
REFUSED: Document = {
    "type": "object",
    "required": ["ok", "error"],
    "properties": {
        "ok": {"const": False},
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "examples": ["validation_failed"]},
                "message": {"type": "string"},
                "errors": {"type": "array", "items": {"type": "object"}},
            },
        },
    },
}


def document(host: str) -> Document:
    """Return the document for the server at ``host`` (``name[:port]``)."""
    schemas = _Schemas()
    messages: dict[str, Document] = {}
    operations: dict[str, Document] = {}
    for name, event in sorted(events.CATALOGUE.items()):
        messages[_key(name)] = _told(event, schemas)
        operations[f"tell.{_key(name)}"] = {
            "action": "send", "channel": CHANNEL, "summary": f"To {event.hearers}: {event.when}.",
            "messages": [_message(name)],
        }  # fmt: skip
    for name, question in sorted(asking.CATALOGUE.items()):
        messages[_key(name, "asked")] = _asked(question, schemas)
        messages[_key(name, "answered")] = _answered(question, schemas)
        operations[f"ask.{_key(name)}"] = {
            "action": "receive", "channel": CHANNEL, "summary": f"A client {question.does}.",
            "messages": [_message(name, "asked")],
            "reply": {"channel": CHANNEL, "messages": [_message(name, "answered")]},
        }  # fmt: skip
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Mixillo live events",
            "version": VERSION,
            "description": "Socket.IO 4 on the default namespace: the token as `auth.token`, what was seen of each "
            "room as `auth.offsets`. Each event has one payload; what clients send is acknowledged.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "this": {
                "host": host, "pathname": "/socket.io/", "protocol": "wss", "protocolVersion": "Socket.IO 4",
                "security": [{"$ref": "#/components/securitySchemes/token"}],
            }
        },
        "channels": {
            "events": {
                "address": "/", "title": "The default namespace",
                "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in messages},
            }
        },
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": schemas.made,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }  # fmt: skip


class _Schemas:
    """Schemas of payloads as JSON Schema, each once."""

    def __init__(self) -> None:
        self._plugin = MarshmallowPlugin(schema_name_resolver=lambda _schema: "")  # each in its place
        self._spec = APISpec("events", VERSION, "3.1.0", plugins=[self._plugin])
        self.made: dict[str, Document] = {}

    def of(self, schema: type[Schema]) -> Document:
        """Return the reference to a schema."""
        name = schema.__name__.removesuffix("Schema")
        while name in self.made and self.made[name].get("x-from") != schema.__module__:
            name += "_"
        if name not in self.made:
            converter = self._plugin.converter
            assert converter is not None
            made = converter.schema2jsonschema(schema())
            self.made[name] = made | {"description": (schema.__doc__ or "").strip(), "x-from": schema.__module__}
        return {"$ref": f"#/components/schemas/{name}"}


def _told(event: Event, schemas: _Schemas) -> Document:
    payload = schemas.of(event.schema)
    return {
        "name": event.name,
        "title": event.name,
        "summary": f"{event.when[0].upper()}{event.when[1:]}.",
        "payload": {"allOf": [payload, PLACE]} if event.is_logged else payload,
    }


def _asked(question: Question, schemas: _Schemas) -> Document:
    return {
        "name": question.name,
        "title": question.name,
        "summary": f"{question.does[0].upper()}{question.does[1:]}.",
        "payload": schemas.of(question.schema),
    }


def _answered(question: Question, schemas: _Schemas) -> Document:
    done: Document = {"type": "object", "required": ["ok"], "properties": {"ok": {"const": True}}}
    return {
        "name": question.name,
        "title": f"Acknowledgement of {question.name}",
        "payload": {"oneOf": [{"allOf": [done, *([schemas.of(question.answer)] if question.answer else [])]}, REFUSED]},
    }


def _key(name: str, kind: str = "") -> str:
    """Return a name that AsyncAPI takes for a key."""
    return re.sub(r"[^\w.-]", ".", name) + (f".{kind}" if kind else "")


def _message(name: str, kind: str = "") -> Document:
    return {"$ref": f"#/channels/events/messages/{_key(name, kind)}"}
