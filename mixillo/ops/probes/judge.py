"""Is an answer right? Status, type, every field, the one error body, and the time it took."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing.exceptions import Unresolvable

from mixillo.ops.probes.contract import Contract, Json, Operation
from mixillo.ops.probes.http import Answer

PROBLEM_TYPE = "application/problem+json"
SHOWN = 5
UNUSABLE_SCHEMA = (Unresolvable, re.error, TypeError, AttributeError, KeyError, RecursionError)

FORMATS = FormatChecker(["date", "email", "uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def _moment(value: Any) -> bool:
    """Return whether ``value`` is a moment with its offset, as RFC 3339 asks."""
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value).tzinfo is not None)


@dataclass(frozen=True)
class Expectation:
    """What a case expects: one of ``statuses`` and, in a refusal of bad input, errors that name all ``fields``."""

    statuses: frozenset[int]
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " or ".join(map(str, sorted(self.statuses))) or "a documented success"


class Judge:
    """Holds answers against a contract."""

    def __init__(self, contract: Contract) -> None:
        self._components = contract.components
        # Once for all operations: a copy is megabytes, and there are thousands of answers.
        self._closed = closed_components(contract.components)
        self._validators: dict[tuple[str, int, str], Draft202012Validator] = {}

    def findings(self, operation: Operation, expected: Expectation, answer: Answer) -> list[str]:
        """Return a sentence for each thing that is wrong with ``answer``; none when it is right."""
        found = []
        if answer.status not in expected.statuses:
            found.append(f"expected {expected}, got {answer.phrase}{reason_of(answer)}")
        if answer.status not in operation.responses:
            return [*found, f"the status {answer.status} is not documented"]
        found += self._content(operation, answer)
        if answer.status == 400:
            found += _unnamed(answer, expected.fields)
        return found

    def _content(self, operation: Operation, answer: Answer) -> list[str]:
        documented = operation.responses[answer.status]
        if not documented:
            return []
        if answer.media_type not in documented:
            wanted = " or ".join(documented)
            return [f"expected {wanted}, got {answer.media_type or 'no content type'}"]
        if not answer.media_type.endswith("json"):
            return []
        try:
            body = answer.json()
        except ValueError:
            return ["the body is not JSON"]
        return self._schema(operation, answer, body) + (_problem(body, answer) if answer.status >= 400 else [])

    def _schema(self, operation: Operation, answer: Answer, body: Any) -> list[str]:
        try:
            validator = self._validator(operation, answer)
            faults = sorted(set(_words(validator.iter_errors(body))))
        except UNUSABLE_SCHEMA as error:
            return [f"the documented schema of {answer.status} cannot be used ({type(error).__name__})"]
        more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        return faults[:SHOWN] + more

    def _validator(self, operation: Operation, answer: Answer) -> Draft202012Validator:
        key = (operation.name, answer.status, answer.media_type)
        if key not in self._validators:
            schema, components = operation.responses[answer.status][answer.media_type], self._components
            if answer.media_type != PROBLEM_TYPE:  # RFC 9457 lets problems carry further members
                schema, components = closed(schema), self._closed
            self._validators[key] = Draft202012Validator({**schema, "components": components}, format_checker=FORMATS)
        return self._validators[key]


def faults(schema: Json, components: Json, body: Any) -> list[str]:
    """Return what is wrong with ``body``, at most ``SHOWN`` things, where nothing but what is declared may be in it.

    ``components`` are closed already.
    """
    whole = {**closed(schema), "components": components}
    try:
        return sorted(set(_words(Draft202012Validator(whole, format_checker=FORMATS).iter_errors(body))))[:SHOWN]
    except UNUSABLE_SCHEMA as error:
        return [f"its schema cannot be used ({type(error).__name__})"]


def closed_components(components: Json) -> Json:
    """Return ``components`` with closed schemas."""
    return components | {"schemas": {name: closed(s) for name, s in components.get("schemas", {}).items()}}


def closed(schema: Any) -> Any:
    """Return ``schema`` with every object that lists its properties closed to others, unless it says otherwise.

    JSON Schema lets undeclared members pass by default. An answer that carries one says more than was promised,
    which is how private fields leak; so silence is taken as a no. Parts of an ``allOf`` are left as they are,
    since each sees the members of all.
    """
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: value if key in ("allOf", "example", "enum") else closed(value) for key, value in schema.items()}
    speaks = {"additionalProperties", "unevaluatedProperties", "allOf"} & inner.keys()
    if isinstance(inner.get("properties"), dict) and inner.get("type", "object") == "object" and not speaks:
        inner["additionalProperties"] = False
    return inner


def _words(errors: Any) -> Iterator[str]:
    """Say what is wrong, field by field; values stay out, as they may be secret."""
    for error in errors:
        where = ".".join(str(part) for part in error.absolute_path) or "the body"
        if error.validator == "additionalProperties":
            declared = error.schema.get("properties", {})
            yield from (f"{_joined(where, name)} is not declared" for name in error.instance if name not in declared)
        elif error.validator == "required":
            yield from (f"{_joined(where, n)} is missing" for n in error.validator_value if n not in error.instance)
        elif error.validator in ("anyOf", "oneOf") and error.context:
            yield from _words(_closest(error))
        else:
            yield f"{where} {_fault(error)}"


def _joined(where: str, name: str) -> str:
    return name if where == "the body" else f"{where}.{name}"


def _closest(error: ValidationError) -> list[ValidationError]:
    """Return the errors against that alternative which fails deepest, hence is most likely meant."""
    alternatives: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        alternatives.setdefault(inner.schema_path[0], []).append(inner)
    wrong_type = {key: any(e.validator == "type" and not e.path for e in es) for key, es in alternatives.items()}
    return min(alternatives.items(), key=lambda item: (wrong_type[item[0]], len(item[1])))[1]


def _fault(error: ValidationError) -> str:
    if error.validator == "type":
        wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        return f"should be {' or '.join(wanted)} and is {_kind(error.instance)}"
    if error.validator == "enum":
        return f"is not one of {', '.join(map(str, error.validator_value))}"
    return f"breaks its {error.validator} ({str(error.validator_value)[:60]})"


def _kind(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _problem(body: Any, answer: Answer) -> list[str]:
    """Check what a schema cannot: that the error body speaks of this answer."""
    if answer.media_type != PROBLEM_TYPE or not isinstance(body, dict):
        return []
    found = []
    if body.get("status") != answer.status:
        found.append(f"status in the body is {body.get('status')!r:.20}")
    if answer.request_id and body.get("requestId") not in (None, answer.request_id):
        found.append("requestId in the body is not that of the header")
    return found


def _unnamed(answer: Answer, fields: tuple[str, ...]) -> list[str]:
    """Check that the refusal names each of ``fields``."""
    try:
        named = {error["field"] for error in answer.json().get("errors") or []}
    except (ValueError, TypeError, KeyError, AttributeError):
        named = set()
    return [f"the error does not name {field}" for field in fields if field not in named]


def reason_of(answer: Answer) -> str:
    """Return what a problem says of itself, for the operator."""
    detail = answer.object().get("detail")
    return f" ({detail[:120]})" if isinstance(detail, str) and detail else ""
