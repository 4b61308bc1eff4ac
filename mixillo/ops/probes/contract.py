"""The contract: what an OpenAPI 3.1 document promises, operation by operation."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from mixillo.ops.probes.http import FORM, Raw

PATH = "/api/openapi.json"
METHODS = ("get", "head", "post", "put", "patch", "delete")
SAFE = ("GET", "HEAD")
PUBLIC, OPTIONAL, SIGNED_IN = "public", "optional", "user"
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, LookupError)
Json = dict[str, Any]


class ContractError(Exception):
    """The document is of no use; the message says why."""


@dataclass(frozen=True)
class Parameter:
    """One parameter; ``place`` is ``path``, ``query``, ``header`` or ``cookie``."""

    name: str
    place: str
    required: bool
    schema: Json
    examples: tuple[Any, ...] = ()

    @property
    def is_id(self) -> bool:
        """Whether values are ids of 24 hexadecimal digits."""
        return "{24}" in str(self.schema.get("pattern", "")) or self.schema.get("format") == "objectid"


@dataclass(frozen=True)
class Body:
    """A JSON body: the properties that must be there, whether others may be, and an example to send."""

    required: tuple[str, ...]
    closed: bool
    example: Json | None


@dataclass(frozen=True)
class Operation:
    """One method of one path; ``responses`` maps a status to media types and their schemas.

    ``is_alias`` says that the document has the very same operation under a path before this one; ``needs`` names what
    a success takes that no operation can make. ``other_body`` is an example of a body that is not JSON.
    """

    method: str
    path: str
    tag: str
    summary: str
    access: str
    roles: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: Body | None
    takes_other_body: bool
    responses: dict[int, dict[str, Json]]
    deprecated: bool = False
    is_alias: bool = False
    needs: str = ""
    other_body: Raw | None = None

    @property
    def name(self) -> str:
        """The endpoint as people write it."""
        return f"{self.method} {self.path}"

    @property
    def description(self) -> str:
        """Everything that is promised, without where it is."""
        parts = (self.method, self.summary, self.access, self.roles, self.parameters, self.body, self.responses)
        return repr(parts)

    @property
    def is_safe(self) -> bool:
        """Whether it changes nothing."""
        return self.method in SAFE

    @property
    def successes(self) -> frozenset[int]:
        """The documented statuses of a success."""
        return frozenset(status for status in self.responses if 200 <= status < 300)

    def of(self, place: str) -> list[Parameter]:
        """Return the parameters in ``place``."""
        return [parameter for parameter in self.parameters if parameter.place == place]


@dataclass
class Contract:
    """A document's operations; ``faults`` names those that cannot be read, with the reason."""

    operations: list[Operation]
    components: Json
    faults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Any) -> "Contract":
        """Read ``document``.

        :raises ContractError: it is no OpenAPI 3 document with paths.
        """
        if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
            raise ContractError("The document is not OpenAPI 3.")
        paths = document.get("paths")
        if not isinstance(paths, dict) or not paths:
            raise ContractError("The document names no paths.")
        components = document.get("components")
        contract = cls([], components if isinstance(components, dict) else {})
        reader = _Reader(document)
        described: set[str] = set()
        for path, item in paths.items():
            for method in [m for m in METHODS if isinstance(item, dict) and m in item]:
                try:
                    read = reader.operation(method.upper(), path, item)
                except UNREADABLE as error:
                    contract.faults[f"{method.upper()} {path}"] = f"{type(error).__name__}: {error}"
                    continue
                contract.operations.append(replace(read, is_alias=bool(read.summary) and read.description in described))
                described.add(read.description)
        return contract

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation, if the document has it."""
        return next((o for o in self.operations if (o.method, o.path) == (method, path)), None)

    @property
    def roles(self) -> set[str]:
        """Every role that some operation is reserved for."""
        return {role for operation in self.operations for role in operation.roles}


class _Reader:
    """Reads operations, following references inside the document."""

    def __init__(self, document: Json) -> None:
        self._document = document

    def operation(self, method: str, path: str, item: Json) -> Operation:
        raw = item[method.lower()]
        body = self._resolved(raw.get("requestBody", {}))
        return Operation(
            method=method,
            path=path,
            tag=str((raw.get("tags") or ["untagged"])[0]),
            summary=str(raw.get("summary", "")),
            access=_access(raw.get("security", self._document.get("security", []))),
            roles=tuple(raw.get("x-roles", ())),
            parameters=tuple(self._parameters([*item.get("parameters", []), *raw.get("parameters", [])])),
            body=self._body(body),
            takes_other_body=bool(body) and "application/json" not in body["content"],
            responses={int(status): self._answers(answer) for status, answer in raw["responses"].items()},
            deprecated=bool(raw.get("deprecated")),
            needs=str(raw.get("x-needs", "")),
            other_body=next(_other_bodies(body.get("content", {})), None),
        )

    def _parameters(self, raw: list[Json]) -> Iterator[Parameter]:
        for parameter in map(self._resolved, raw):
            schema = self._resolved(parameter.get("schema", {}))
            yield Parameter(
                name=parameter["name"],
                place=parameter["in"],
                required=bool(parameter.get("required")),
                schema=schema,
                examples=tuple(_examples(parameter, schema)),
            )

    def _body(self, raw: Json) -> Body | None:
        media = raw.get("content", {}).get("application/json")
        if media is None:
            return None
        schema = self._resolved(media.get("schema", {}))
        example = next(iter(_examples(media, schema)), None)
        return Body(
            required=tuple(schema.get("required", ())),
            closed=schema.get("additionalProperties") is False,
            example=example if isinstance(example, dict) else None,
        )

    def _answers(self, raw: Json) -> dict[str, Json]:
        content = self._resolved(raw).get("content", {})
        return {media_type: media.get("schema", {}) for media_type, media in content.items()}

    def _resolved(self, value: Json) -> Json:
        """Follow ``$ref`` to its end.

        :raises LookupError: it leads outside the document, nowhere, or in a circle.
        """
        seen = set()
        while "$ref" in value:
            reference = value["$ref"]
            if reference in seen or not reference.startswith("#/"):
                raise LookupError(f"the reference {reference} cannot be followed")
            seen.add(reference)
            value = self._document
            for part in reference[2:].split("/"):
                value = value[part.replace("~1", "/").replace("~0", "~")]
        return value


def _access(security: list[Json]) -> str:
    """Return the access that ``security`` declares: alternatives, of which an empty one is nobody."""
    if not security:
        return PUBLIC
    return OPTIONAL if {} in security else SIGNED_IN


def _other_bodies(content: Json) -> Iterator[Raw]:
    """Yield examples of bodies that are not JSON: ``x-example`` has the ``base64``, and the names of a form's file."""
    for media_type, media in content.items():
        if example := media.get("x-example"):
            data = b64decode(example["base64"])
            is_form = media_type == FORM
            yield Raw.form(example["field"], example["filename"], data) if is_form else Raw(media_type, data)


def _examples(carrier: Json, schema: Json) -> Iterator[Any]:
    """Yield the examples of a parameter or body, those of its schema last."""
    if "example" in carrier:
        yield carrier["example"]
    for example in (carrier.get("examples") or {}).values():
        if "value" in example:
            yield example["value"]
    if "example" in schema:
        yield schema["example"]
    yield from schema.get("examples", [])
    if "default" in schema:
        yield schema["default"]
    yield from schema.get("enum", [])[:1]
