"""Reading OpenAPI documents, also those that are wrong."""

from typing import Any

import pytest

from mixillo.ops.probes.contract import OPTIONAL, PUBLIC, SIGNED_IN, Contract, ContractError
from mixillo.ops.probes.derive import cases, order
from mixillo.ops.probes.http import Request


def contract(paths: dict[str, Any], **rest: Any) -> Contract:
    return Contract.of({"openapi": "3.1.0", "paths": paths, **rest})


def operation(**members: Any) -> dict[str, Any]:
    return {"tags": ["t"], "responses": {"200": {}}} | members


@pytest.mark.parametrize(
    "document", [None, [], "text", {}, {"swagger": "2.0", "paths": {"/": {}}}, {"openapi": "3.1.0"}]
)
def test_what_is_no_document_is_refused(document: Any) -> None:
    with pytest.raises(ContractError):
        Contract.of(document)


@pytest.mark.parametrize(
    ("security", "access"),
    [([], PUBLIC), ([{}, {"bearer": []}], OPTIONAL), ([{"bearer": []}], SIGNED_IN)],
)
def test_access_follows_from_security(security: list[Any], access: str) -> None:
    assert contract({"/a": {"get": operation(security=security)}}).operations[0].access == access


def test_security_of_the_document_holds_where_an_operation_says_nothing() -> None:
    assert contract({"/a": {"get": operation()}}, security=[{"bearer": []}]).operations[0].access == SIGNED_IN


@pytest.mark.parametrize(
    "broken",
    [
        {"responses": None},
        {"responses": {"default": {}}},
        operation(parameters=[{}]),
        operation(parameters=[{"$ref": "#/components/parameters/nowhere"}]),
        operation(parameters=[{"$ref": "https://elsewhere/p.json"}]),
        operation(requestBody={"$ref": "#/paths/~1a/get/requestBody"}),
        operation(requestBody={"content": []}),
        [],
    ],
)
def test_an_operation_that_cannot_be_read_is_a_fault_and_the_others_are_read(broken: Any) -> None:
    read = contract({"/a": {"get": broken}, "/b": {"get": operation()}})
    assert [o.name for o in read.operations] == ["GET /b"]
    assert list(read.faults) == ["GET /a"]


def test_things_are_made_before_they_are_read_and_removed_last() -> None:
    paths = {
        "/users/{id}": {"delete": operation(), "get": operation()},
        "/users/{id}/follow": {"delete": operation(), "post": operation()},
        "/users": {"get": operation(), "post": operation()},
        "/users/{id}/notes/{note}": {"delete": operation()},
    }
    assert [o.name for o in order(contract(paths).operations)] == [
        "POST /users",
        "GET /users",
        "GET /users/{id}",
        "POST /users/{id}/follow",
        "DELETE /users/{id}/follow",
        "DELETE /users/{id}/notes/{note}",
        "DELETE /users/{id}",
    ]


def test_bad_values_follow_from_the_schema_of_a_parameter() -> None:
    def query(name: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": required, "schema": schema}

    parameters = [
        query("q", {"type": "string"}, required=True),
        query("page", {"type": "integer", "minimum": 1}),
        query("role", {"enum": ["user"]}),
        query("userId", {"pattern": "^[0-9a-f]{24}$"}),
        query("text", {"type": "string"}),
    ]
    read = contract({"/a": {"get": operation(parameters=parameters, security=[])}}).operations[0]
    assert [c.name for c in cases(read)] == [
        "no token", "without q", "page too small", "role unknown", "malformed userId",
    ]  # fmt: skip


def test_a_role_that_no_identity_has_is_asked_for_by_its_name() -> None:
    guarded = operation(security=[{"bearer": []}]) | {"x-roles": ["superadmin"]}
    planned = cases(contract({"/a": {"get": guarded}}).operations[0])
    assert [(c.identity, str(c.expected)) for c in planned] == [
        ("no token", "401"), ("bad token", "401"), ("user", "403"), ("admin", "403"), ("superadmin", "200"),
    ]  # fmt: skip


def test_the_same_operation_under_a_second_path_is_an_alias_and_is_not_tried_with_bad_input_again() -> None:
    operation = {
        "summary": "List things",
        "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}],
        "responses": {"200": {"content": {"application/json": {"schema": {"type": "object"}}}}},
        "security": [{"bearer": []}],
    }
    other = operation | {"summary": "List other things"}
    paths = {"/api/things": {"get": operation}, "/api/old-things": {"get": operation}, "/api/others": {"get": other}}
    first, second, third = Contract.of({"openapi": "3.1.0", "paths": paths}).operations
    assert (first.is_alias, second.is_alias, third.is_alias) == (False, True, False)
    assert [case.name for case in cases(second)] == ["no token", "user"]
    assert len(cases(first)) == len(cases(third)) > 2


def test_bodies_that_are_not_json_are_sent_as_the_document_shows_them() -> None:
    form = {"multipart/form-data": {"x-example": {"field": "file", "filename": "a.png", "base64": "AAE="}}}
    raw = {"application/octet-stream": {"x-example": {"base64": "AAE="}}}
    bodies = [{"requestBody": {"content": content}} for content in (form, raw, {"text/plain": {}})]
    read = contract({f"/{n}": {"post": operation(**body)} for n, body in enumerate(bodies)}).operations
    sent = [Request("POST", each.path, body=each.other_body).encoded() for each in read]
    assert b'name="file"; filename="a.png"\r\n\r\n\x00\x01\r\n--' in (sent[0][0] or b"")
    assert sent[0][1]["Content-Type"].startswith("multipart/form-data; boundary=")
    assert (sent[1][0], sent[1][1]["Content-Type"]) == (b"\x00\x01", "application/octet-stream")
    assert (read[2].takes_other_body, read[2].other_body) == (True, None)
