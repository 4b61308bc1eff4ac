"""The OpenAPI document is valid, complete, and its examples work."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from mixillo.core import json, openapi

# Served beside the API, described by itself.
UNDOCUMENTED = {"/api", "/api/openapi.json", "/api/docs", "/api/asyncapi.json", "/api/docs/events"}


@pytest.fixture(scope="module")
def document(migrated_app: Flask) -> dict[str, Any]:
    return json.loads(openapi.document(migrated_app))


def api_operations(app: Flask) -> Iterator[tuple[str, str, Any]]:
    """Yield path (in OpenAPI's form), method and view of every API route."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/api", "/health")) and rule.rule not in UNDOCUMENTED:
            path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield path, method.lower(), app.view_functions[rule.endpoint]


def documented_operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_api_route_is_in_the_document(app: Flask, document: dict[str, Any]) -> None:
    documented = {(path, method) for path, method, _ in documented_operations(document)}
    assert {(path, method) for path, method, _ in api_operations(app)} == documented


def test_security_follows_from_the_declared_access(app: Flask, document: dict[str, Any]) -> None:
    for path, method, view in api_operations(app):
        security = document["paths"][path][method]["security"]
        assert (security == []) == (view.access.kind == "public"), (method, path)
        assert ({} in security) == (view.access.kind == "optional"), (method, path)


def test_every_operation_has_a_summary_and_a_success(document: dict[str, Any]) -> None:
    bare = [
        (method, path)
        for path, method, operation in documented_operations(document)
        if not operation.get("summary") or not any(status.startswith("2") for status in operation["responses"])
    ]
    assert bare == []


def test_every_body_has_an_example_that_its_schema_accepts(app: Flask, document: dict[str, Any]) -> None:
    for path, method, view in api_operations(app):
        for parameter in view._apidoc.get("arguments", {}).get("parameters", []):
            if parameter["in"] == "json":
                with app.app_context():  # some fill in what the settings say
                    assert parameter["schema"]().validate(parameter["example"]) == {}, (method, path)
                body = document["paths"][path][method]["requestBody"]["content"]["application/json"]
                assert body["example"] == parameter["example"]


def test_every_operation_that_needs_a_user_documents_401_and_403(document: dict[str, Any]) -> None:
    for path, method, operation in documented_operations(document):
        if operation["security"]:
            assert {"401", "403"} <= set(operation["responses"]), (method, path)


@pytest.mark.parametrize("path", ["/", "/api"])
def test_whoever_comes_without_a_destination_is_led_to_the_documentation(client: FlaskClient, path: str) -> None:
    assert client.get(path).location == "/api/docs"
