"""The API dialect: how a view states its input and its answer.

::

    @blueprint.post("/register")
    @public
    @blueprint.accepts(RegisterSchema, example={…})
    @blueprint.returns(201, user=fields.Nested(OwnUserSchema))
    def register(body): ...

A view returns the members of ``data``, or a :class:`Reply` when it has a message or headers to add.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any, NoReturn

from bson import ObjectId
from flask import Response, after_this_request, current_app, request
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest
from werkzeug.routing import BaseConverter

from mixillo.core import json
from mixillo.core.schemas import envelope
from mixillo.core.security import Access
from mixillo.errors import MalformedRequest, UnsupportedMediaType, ValidationFailed, field_error

DEPRECATED_SINCE = "@1767225600"  # 2026-01-01, in the form of RFC 9745


@dataclass
class Reply:
    """The members of ``data`` together with what else the answer says.

    ``location`` is the path of what was created.
    """

    data: dict[str, Any]
    message: str | None = None
    location: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Parser(FlaskParser):
    """Reads input strictly and reports every invalid field at once."""

    DEFAULT_VALIDATION_STATUS = 400

    def load_json(self, req: Any, schema: Schema) -> Any:
        """Return the parsed body; an empty one is an empty object."""
        if req.content_length == 0 or (req.content_length is None and not req.get_data()):
            return {}
        if not req.is_json:
            raise UnsupportedMediaType("Send the body as application/json.")
        try:
            return json.loads(req.get_data(cache=True))
        except ValueError as error:
            raise MalformedRequest(f"The body is not usable JSON: {error}") from None

    def handle_error(self, error: ValidationError, req: Any, schema: Schema, **_keywords: Any) -> NoReturn:
        """Raise all field errors as one :class:`ValidationFailed`."""
        raise validation_failed(error.messages_dict) from None


def validation_failed(messages: dict[str, Any]) -> ValidationFailed:
    """Return the error for Marshmallow's ``messages``, whose first level is the location when webargs made them."""
    locations = {"json", "query", "form", "files", "headers", "path"}
    errors = []
    for name, nested in messages.items():
        errors += _flatten(nested, [] if name in locations and isinstance(nested, dict | list) else [name])
    summary = "; ".join(f"{e['field'] or 'body'}: {e['message']}" for e in errors)
    return ValidationFailed(summary, errors=errors)


def _flatten(messages: Any, path: list[str | int]) -> list[dict[str, str]]:
    if isinstance(messages, dict):
        nested = [_flatten(value, [*path, key]) for key, value in messages.items() if key != "_schema"]
        return [entry for entries in nested for entry in entries] + _flatten(messages.get("_schema", []), path)
    return [field_error(path, str(message)) for message in messages]


class Blueprint(SmorestBlueprint):
    """A feature's routes: access, input and answer declared beside each view and documented from there."""

    ARGUMENTS_PARSER = Parser()

    def accepts(self, schema: type[Schema], *, example: dict[str, Any], required: bool = True) -> Any:
        """Declare the JSON body; the view gets it parsed as its next positional argument."""
        return self.arguments(schema, location="json", example=example, required=required, unknown=RAISE)

    def takes(self, schema: type[Schema]) -> Any:
        """Declare the query parameters; the view gets them parsed as its next positional argument."""
        return self.arguments(schema, location="query")

    def returns(self, status: int, /, **members: fields.Field) -> Any:
        """Declare the answer: its status and the members of ``data``.

        The members only document the answer in production; with ``VALIDATE_ANSWERS`` (tests) every answer
        is held against them.
        """

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            name = "".join(part.title() for part in f"{_feature(view)}_{view.__name__}".split("_"))
            schema = envelope(name, members)

            @wraps(view)
            def answered(*args: Any, **kwargs: Any) -> Any:
                result = view(*args, **kwargs)
                if isinstance(result, Response):
                    return result
                return respond(result, status, schema)

            answered.members = members  # type: ignore[attr-defined]  # read by contract tests
            return self.alt_response(status, schema=schema, description=HTTPStatus(status).phrase, success=True)(
                answered
            )

        return decorate

    def answers(self, schema: type[Schema], *statuses: int) -> Any:
        """Declare an answer without the envelope, as today's clients read it from a few routes.

        The view returns the body and, when it is not the first of ``statuses``, the status.
        """
        loaded = schema()

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(view)
            def answered(*args: Any, **kwargs: Any) -> Response:
                result = view(*args, **kwargs)
                body, status = result if isinstance(result, tuple) else (result, statuses[0])
                return _checked(body, status, loaded)

            documented: Callable[..., Any] = answered
            for status in statuses:
                documented = self.alt_response(status, schema=schema, description=HTTPStatus(status).phrase)(documented)
            return documented

        return decorate

    def refuses(self, *statuses: int) -> Any:
        """Declare problems the view answers with beyond those that follow from its access and its input."""

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            view.refusals = statuses  # type: ignore[attr-defined]  # wrappers carry it up to _documented
            return view

        return decorate

    def needs(self, what: str) -> Any:
        """Declare what must be there for the view to succeed that no other operation can make, such as an order.

        Probes that have no such thing leave the success untried, and say so.
        """

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            view.needs = what  # type: ignore[attr-defined]  # wrappers carry it up to _documented
            return view

        return decorate

    def add_url_rule(self, rule: str, endpoint: Any = None, view_func: Any = None, *args: Any, **options: Any) -> None:
        """Register ``view_func``, which must declare its access; document what follows from that."""
        access = getattr(view_func, "access", None)
        if access is None:
            raise TypeError(f"{view_func.__name__} does not declare its access")
        view_func._apidoc = _documented(view_func, access, rule)
        super().add_url_rule(rule, endpoint, view_func, *args, **options)

    def add_deprecated_alias(
        self, rule: str, view: Callable[..., Any], *, successor: str, methods: list[str], tags: list[str] | None = None
    ) -> None:
        """Serve ``view`` under an old ``rule`` too; every answer there, errors included, names its ``successor``.

        ``successor`` may have the parameters of ``rule`` in it: ``/api/gifts/{gift_id}``.
        """

        @wraps(view)
        def deprecated(*args: Any, **kwargs: Any) -> Any:
            after_this_request(point_to_successor)
            return view(*args, **kwargs)

        def point_to_successor(response: Response) -> Response:
            response.headers["Deprecation"] = DEPRECATED_SINCE
            path = successor.format_map(request.view_args or {})
            response.headers["Link"] = f'<{path}>; rel="successor-version"'
            return response

        deprecated._apidoc = deepcopy(view._apidoc)  # type: ignore[attr-defined]
        deprecated._apidoc["manual_doc"]["deprecated"] = True  # type: ignore[attr-defined]
        self.add_url_rule(rule, f"{view.__name__}_alias", deprecated, methods=methods, tags=tags)


def _feature(view: Callable[..., Any]) -> str:
    """Return the feature that ``view`` belongs to, whether its routes are a module or a package."""
    parts = view.__module__.split(".")
    return parts[parts.index("blueprints") + 1] if "blueprints" in parts else parts[-2]


def _documented(view: Any, access: Access, rule: str) -> dict[str, Any]:
    """Return the documentation of ``view`` with the security and the errors that follow from its declarations."""
    doc = deepcopy(getattr(view, "_apidoc", {}))
    manual = doc.setdefault("manual_doc", {})
    bearer: list[dict[str, list[str]]] = [{"bearer": []}]
    manual["security"] = {"public": [], "optional": [{}, *bearer], "user": bearer}[access.kind]
    if access.roles:
        manual["x-roles"] = list(access.roles)
    if needs := getattr(view, "needs", None):
        manual["x-needs"] = needs
    statuses = {429, 503, *getattr(view, "refusals", ())}
    statuses |= {401, 403} if access.kind != "public" else set()
    statuses |= {400} if doc.get("arguments") or "<" in rule else set()
    statuses |= {409, 422} if getattr(view, "idempotent", False) else set()
    doc.get("arguments", {}).pop("responses", None)  # flask-smorest's own description of a bad input
    responses = manual.setdefault("responses", {})
    declared = {str(status) for status in doc.get("response", {}).get("responses", {})}
    for status in sorted(statuses):
        if str(status) not in declared:
            responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    return doc


def respond(result: Any, status: int, schema: Schema) -> Response:
    """Return the success envelope of ``result`` (the members of ``data``, or a :class:`Reply`).

    Nobody is to keep it unless the view says so (:func:`revalidated`): most answers are for one person.
    """
    reply = result if isinstance(result, Reply) else Reply(result)
    body: dict[str, Any] = {"success": True, "data": reply.data}
    if reply.message:
        body["message"] = reply.message
    response = _checked(body, status, schema)
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(reply.headers)
    if reply.location:
        response.headers["Location"] = reply.location
    return response


def _checked(body: dict[str, Any], status: int, schema: Schema) -> Response:
    """Return ``body`` as JSON; in tests only after holding it against ``schema``."""
    raw = json.dumps(body)
    if current_app.config["VALIDATE_ANSWERS"]:
        schema.load(json.loads(raw))
    return Response(raw, status, mimetype="application/json")


def cacheable(response: Response) -> Response:
    """Give a public answer its ``ETag`` and turn it into a 304 when the client already has it."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def revalidated(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let clients keep the answer of a public ``view`` and ask whether it still holds: ``ETag`` and 304."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Response:
        return cacheable(view(*args, **kwargs))

    return answered


class InvalidId(BadRequest):
    """An id in the path is malformed.

    A kind of its own because the router minds only Werkzeug's exceptions.
    """

    kind = ValidationFailed


class IdConverter(BaseConverter):
    """``<id:…>`` in a route: an ``ObjectId``; anything else is a 400, never a 404 or 500."""

    regex = "[^/]+"
    # Werkzeug takes the slash in the expression for one that may be matched, and then knows no slash at the end.
    part_isolating = True

    def to_python(self, value: str) -> ObjectId:
        """Return the id.

        :raises InvalidId: ``value`` is not 24 hexadecimal digits.
        """
        if not re.fullmatch(r"[0-9a-fA-F]{24}", value):
            raise InvalidId("An id in the path must be 24 hexadecimal digits.")
        return ObjectId(value)
