"""From an operation to its cases: who asks with what, and what should come of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mixillo.ops.probes.contract import OPTIONAL, PUBLIC, Operation, Parameter
from mixillo.ops.probes.identities import ADMIN, BAD_TOKEN, NOBODY, OTHER, USER
from mixillo.ops.probes.judge import Expectation

MALFORMED_ID = "not-an-id"
UNKNOWN_ID = "0" * 24
UNKNOWN_FIELD = "probeUnknownField"
EXAMPLE, INCOMPLETE, UNKNOWN = "example", "incomplete", "unknown"
BAD_INPUT = frozenset({400})
HIDDEN = frozenset({403, 404})


@dataclass(frozen=True)
class Planned:
    """One case of an operation, before anything is filled in.

    ``body`` is the ``example``, the example ``incomplete`` (no required field), or with an ``unknown`` field.
    ``replaced`` is a parameter with a value to send in its place; ``None`` leaves it out. ``proves`` marks the
    expectation of a success. ``foreign`` asks for a thing of somebody else's.
    """

    name: str
    identity: str
    expected: Expectation
    body: str = EXAMPLE
    replaced: tuple[Parameter, Any] | None = None
    proves: bool = False
    foreign: bool = False


def cases(operation: Operation) -> list[Planned]:
    """Return the cases of ``operation``: refusals first, so that what is destructive comes to a whole thing."""
    return [*_refused(operation), *_allowed(operation), *_bad_input(operation)]


def order(operations: list[Operation]) -> list[Operation]:
    """Return ``operations`` so that things are made before they are read, and read before they are removed.

    First paths without parameters, then reading with them, then changes, of which a path's stay together so that
    what is switched on is switched off again; what removes a thing as a whole comes last, parts before wholes.
    """

    def place(operation: Operation) -> tuple[int, int]:
        if "{" not in operation.path:
            return 0, 0
        if operation.is_safe:
            return 1, 0
        removes = operation.method == "DELETE" and operation.path.endswith("}")
        return (3, -operation.path.count("/")) if removes else (2, 0)

    methods = ("POST", "GET", "HEAD", "PUT", "PATCH", "DELETE")
    paths = {operation.path: i for i, operation in reversed(list(enumerate(operations)))}
    return sorted(operations, key=lambda o: (*place(o), paths[o.path], methods.index(o.method)))


def _refused(operation: Operation) -> Iterator[Planned]:
    """Yield the cases of those who may not."""
    if operation.access == PUBLIC:
        return
    refused = Expectation(frozenset({401}))
    if operation.access != OPTIONAL:
        yield Planned(NOBODY, NOBODY, refused)
    if not operation.is_alias:
        yield Planned(BAD_TOKEN, BAD_TOKEN, refused)
    if operation.roles:
        for identity in (USER, ADMIN):
            if identity not in operation.roles:
                yield Planned(identity, identity, Expectation(frozenset({403})))
    elif operation.of("path"):
        yield Planned(OTHER, OTHER, Expectation(HIDDEN), foreign=True)


def _allowed(operation: Operation) -> Iterator[Planned]:
    """Yield the cases of those who may."""
    success = Expectation(operation.successes)
    anonymous = [NOBODY] if operation.access in (PUBLIC, OPTIONAL) else []
    for identity in [*anonymous, *_entitled(operation)]:
        yield Planned(identity, identity, success, proves=True)


def _entitled(operation: Operation) -> list[str]:
    """Return the signed-in identities that may, the first of which stands for all in bad input."""
    if operation.access == PUBLIC:
        return []
    if not operation.roles:
        return [USER]
    return [i for i in (USER, ADMIN) if i in operation.roles] or [operation.roles[0]]


def _bad_input(operation: Operation) -> Iterator[Planned]:
    """Yield the cases of input that must be refused; those of an old path or a second one are the first one's."""
    if operation.deprecated or operation.is_alias:
        return
    identity = next(iter(_entitled(operation)), NOBODY)
    for parameter in operation.parameters:
        for label, value in _bad_values(parameter):
            yield Planned(label, identity, Expectation(BAD_INPUT), replaced=(parameter, value))
    if operation.is_safe and (ids := [p for p in operation.of("path") if p.is_id]):
        yield Planned(
            f"unknown {ids[-1].name}", identity, Expectation(frozenset({404})), replaced=(ids[-1], UNKNOWN_ID)
        )
    body = operation.body
    if body is None or body.example is None:
        return
    if body.required:
        fields = tuple(sorted(body.required))
        yield Planned(f"without {', '.join(fields)}", identity, Expectation(BAD_INPUT, fields), body=INCOMPLETE)
    if body.closed:
        yield Planned("unknown field", identity, Expectation(BAD_INPUT, (UNKNOWN_FIELD,)), body=UNKNOWN)


def _bad_values(parameter: Parameter) -> Iterator[tuple[str, Any]]:
    """Yield values that the parameter's own schema rules out."""
    name, schema = parameter.name, parameter.schema
    if parameter.is_id and parameter.place in ("path", "query"):
        yield f"malformed {name}", MALFORMED_ID
    if parameter.place != "query":
        return
    if parameter.required:
        yield f"without {name}", None
    if isinstance(schema.get("minimum"), int):
        yield f"{name} too small", schema["minimum"] - 1
    if schema.get("enum"):
        yield f"{name} unknown", MALFORMED_ID
