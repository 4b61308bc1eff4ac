"""The document of the live events: valid, complete, and what the code does."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft7Validator

from mixillo.core import events
from mixillo.core.realtime import asking

SPECIFICATIONS = Path(__file__).parents[1] / "system/js/node_modules/@asyncapi/specs/schemas"
Document = dict[str, Any]


@pytest.fixture
def document(client: FlaskClient) -> Document:
    answer = client.get("/api/asyncapi.json")
    assert answer.status_code == 200
    return dict(answer.json)


@pytest.mark.skipif(not shutil.which("npm"), reason="no npm: AsyncAPI's own schema comes from there")
def test_the_document_is_valid(document: Document) -> None:
    specification = json.loads((SPECIFICATIONS / "3.0.0-without-$id.json").read_text("utf-8"))
    assert [error.message for error in Draft7Validator(specification).iter_errors(document)] == []
    broken = document | {"channels": {"events": {"adress": "/"}}}
    assert list(Draft7Validator(specification).iter_errors(broken))


def test_every_event_of_the_code_is_in_it_and_no_other(app: Flask, document: Document) -> None:
    by_action: dict[str, set[str]] = {"send": set(), "receive": set()}
    for operation in document["operations"].values():
        for message in operation["messages"]:
            by_action[operation["action"]].add(_at(document, message)["name"])
    assert by_action == {"send": set(events.CATALOGUE), "receive": set(asking.CATALOGUE)}


def test_every_reference_leads_somewhere(document: Document) -> None:
    found = list(_references(document))
    assert found
    for reference in found:
        assert _at(document, {"$ref": reference})


def test_payloads_have_the_fields_of_their_schemas(app: Flask, document: Document) -> None:
    for name, event in events.CATALOGUE.items():
        payload = document["components"]["messages"][name.replace(":", ".").replace(" ", ".")]["payload"]
        parts = payload.get("allOf", [payload])
        properties = {each for part in parts for each in _at(document, part).get("properties", {})}
        wanted = {field.data_key or key for key, field in event.schema().fields.items()}
        assert properties == wanted | ({"room", "seq"} if event.is_logged else set())


def test_the_page_shows_every_event(app: Flask, client: FlaskClient) -> None:
    page = client.get("/api/docs/events").get_data(as_text=True)
    for name in events.CATALOGUE:
        assert f'<section id="{name}">' in page
    for name in asking.CATALOGUE:
        assert f'<section id="ask-{name}">' in page


def _at(document: Document, part: Document) -> Document:
    while "$ref" in part:
        found: Any = document
        for key in part["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        part = found
    return part


def _references(part: Any) -> Any:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)
