"""The OpenAPI document: made from what the blueprints declare, when somebody asks for it.

Describing seven hundred routes takes more time and memory than everything else at the start together, and most
processes are never asked.
"""

import threading
from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint

from mixillo.config import Settings
from mixillo.core import json
from mixillo.core.api import IdConverter
from mixillo.core.offload import offload
from mixillo.core.schemas import ProblemSchema
from mixillo.version import VERSION

PROBLEM_STATUSES = (400, 401, 403, 404, 409, 410, 412, 413, 415, 416, 422, 423, 429, 503)
EXTENSION = "openapi"


class Description(SmorestApi):
    """The description of one application; serving it and answering errors stay with Mixillo."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask, blueprints: list[tuple[Blueprint, str]]) -> None:
        super().__init__()
        self.register_converter(IdConverter, lambda _converter: {"type": "string", "pattern": "^[0-9a-fA-F]{24}$"})
        self.init_app(app)
        components = self.spec.components
        components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
        for status in PROBLEM_STATUSES:
            content = {"application/problem+json": {"schema": ProblemSchema}}
            described = {"description": HTTPStatus(status).phrase, "content": content}
            components.response(f"Problem{status}", described)
        for blueprint, name in blueprints:
            blueprint.register_views_in_doc(self, app, self.spec, name=name, parameters=None)
            self.spec.tag({"name": name, "description": blueprint.description})

    def _register_error_handlers(self) -> None:
        """Keep flask-smorest from answering every HTTP error of the application in its own JSON."""

    def _register_doc_blueprint(self) -> None:
        """Leave serving the document to the `docs` feature, which declares its access like any view."""


def init_app(app: Flask, settings: Settings) -> None:
    """Set up the OpenAPI document of ``app``."""
    app.config.update(
        API_TITLE="Mixillo API",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {
                "description": "Posts, shop, wallets, live streams. One dialect: answers in `data`, errors as RFC 9457 "
                "problem details, lists by page or cursor, times in UTC.",
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": settings.base_url}],
        },
    )
    app.url_map.converters["id"] = IdConverter
    app.extensions[EXTENSION] = Described(app)


class Described:
    """What of one application is described, and the document once somebody has asked for it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.blueprints: list[tuple[Blueprint, str]] = []
        self._document: bytes | None = None
        self._lock = threading.Lock()

    def document(self) -> bytes:
        """Return the OpenAPI 3.1 document as JSON; whoever asks while it is being made waits for it."""
        with self._lock:
            if self._document is None:
                self._document = offload(self._make)
            return self._document

    def _make(self) -> bytes:
        return json.dumps(Description(self.app, self.blueprints).spec.to_dict())


def register(app: Flask, blueprint: Blueprint, **options: Any) -> None:
    """Serve ``blueprint``, with Flask's ``options``, and describe it in the document."""
    app.register_blueprint(blueprint, **options)
    app.extensions[EXTENSION].blueprints.append((blueprint, options.get("name", blueprint.name)))


def document(app: Flask) -> bytes:
    """Return the OpenAPI 3.1 document of ``app`` as JSON; the first time that takes a second or so."""
    described: Described = app.extensions[EXTENSION]
    return described.document()
