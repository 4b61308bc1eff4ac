"""What the server says of its live events: the AsyncAPI document, as far as payloads are held against it."""

from typing import Any

from mixillo.ops.probes.asking import Patience, Unavailable
from mixillo.ops.probes.http import NoAnswer, Request
from mixillo.ops.probes.judge import closed_components, faults

PATH = "/api/asyncapi.json"
Json = dict[str, Any]


class LiveEvents:
    """The messages of a document by name; each as it is told or acknowledged."""

    def __init__(self, document: Json) -> None:
        components = document.get("components") or {}
        self._components = {"schemas": components.get("schemas") or {}}
        self._closed = closed_components(self._components)
        self._told: dict[str, Json] = {}
        self._answered: dict[str, Json] = {}
        for key, message in (components.get("messages") or {}).items():
            kind = self._answered if key.endswith(".answered") else self._told
            if not key.endswith(".asked"):
                kind[message["name"]] = self._whole(message["payload"])

    def _whole(self, schema: Json) -> Json:
        """Return ``schema`` with the parts of an ``allOf`` in one, so that it can be closed to what is in none."""
        if "$ref" in schema:
            return self._whole(self._components["schemas"][schema["$ref"].rpartition("/")[2]])
        if "oneOf" in schema:
            return schema | {"oneOf": [self._whole(part) for part in schema["oneOf"]]}
        if "allOf" not in schema:
            return schema
        parts = [self._whole(part) for part in schema["allOf"]]
        return {
            "type": "object",
            "properties": {name: each for part in parts for name, each in (part.get("properties") or {}).items()},
            "required": [name for part in parts for name in part.get("required") or []],
        }

    def told(self, event: str, payload: Any) -> list[str]:
        """Return what is wrong with what was told; none when it is right."""
        return self._faults(self._told.get(event), event, payload)

    def answered(self, event: str, answer: Any) -> list[str]:
        """Return what is wrong with an acknowledgement."""
        return self._faults(self._answered.get(event), f"the acknowledgement of {event}", answer)

    def _faults(self, schema: Json | None, name: str, payload: Any) -> list[str]:
        if schema is None:
            return [f"{name} is not in the document of live events"]
        return [f"{name}: {fault}" for fault in faults(schema, self._closed, payload)]


def introduced(patience: Patience) -> LiveEvents | str | None:
    """Return what the server says of its live events, why that is of no use, or ``None`` where it says nothing."""
    try:
        answer = patience.ask(Request("GET", PATH))
    except (NoAnswer, Unavailable) as error:
        return str(error)
    if answer.status == 404:
        return None
    if answer.status != 200:
        return f"expected 200, got {answer.phrase}"
    try:
        return LiveEvents(answer.object())
    except (TypeError, KeyError, AttributeError):
        return "the document cannot be used"
