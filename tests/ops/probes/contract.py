"""A small contract, as the server of these tests describes itself."""

from typing import Any

Json = dict[str, Any]
PROBLEM = "application/problem+json"


def reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def shape(required: Json, optional: Json | None = None) -> Json:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def answer(schema: Json) -> Json:
    body = shape({"success": {"type": "boolean"}, "data": schema}, {"message": {"type": "string"}})
    return {"description": "", "content": {"application/json": {"schema": body}}}


def refusals(*statuses: int) -> Json:
    content = {PROBLEM: {"schema": reference("Problem")}}
    return {str(status): {"description": "", "content": content} for status in statuses}


def operation(tag: str, success: Json, *, status: int = 200, refused: tuple[int, ...] = (), **rest: Any) -> Json:
    described = {"tags": [tag], "summary": "", "responses": {str(status): answer(success), **refusals(*refused)}}
    return described | {"security": [{"bearer": []}]} | rest


def body(example: Json, *required: str) -> Json:
    schema = shape({name: {"type": "string"} for name in required}, {name: {"type": "string"} for name in example})
    return {"requestBody": {"content": {"application/json": {"schema": schema, "example": example}}}}


TEXT, WHOLE, ID = {"type": "string"}, {"type": "integer"}, {"type": "string", "pattern": "^[0-9a-f]{24}$"}
USER = shape({"_id": ID, "username": TEXT, "age": WHOLE})
NOTE = shape({"_id": ID, "text": TEXT, "createdAt": {"type": "string", "format": "date-time"}})
SIGNED_IN = shape({"user": reference("User"), "token": TEXT, "refreshToken": TEXT})
NOTE_ID = {"parameters": [{"name": "note_id", "in": "path", "required": True, "schema": ID}]}
USER_ID = {"parameters": [{"name": "user_id", "in": "path", "required": True, "schema": ID}]}
LIMIT = {"parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}}]}
REGISTRATION = {"username": "ada", "email": "ada@example.com", "password": "secret words", "fullName": "Ada"}
EMPTY: Json = {"type": "object"}
PUBLIC: Json = {"security": []}
DOCUMENT: Json = {
    "openapi": "3.1.0",
    "info": {"title": "Speaker", "version": "1"},
    "components": {
        "schemas": {
            "User": USER,
            "Note": NOTE,
            "Problem": {
                "type": "object",
                "properties": {"status": WHOLE, "code": TEXT, "detail": TEXT},
                "required": ["status", "code", "detail"],
            },
        }
    },
    "paths": {
        "/health": {"get": operation("health", EMPTY, **PUBLIC) | {"responses": {"200": {"content": {}}}}},
        "/api/auth/register": {
            "post": operation(
                "auth", SIGNED_IN, status=201, refused=(400,), **PUBLIC, **body(REGISTRATION, *REGISTRATION)
            )
        },
        "/api/auth/login": {
            "post": operation(
                "auth", SIGNED_IN, refused=(400, 401), **PUBLIC,
                **body({"identifier": "ada", "password": "secret words"}, "identifier", "password"),
            )
        },
        "/api/auth/me": {"get": operation("auth", shape({"user": reference("User")}), refused=(401,))},
        "/api/auth/refresh": {
            "post": operation(
                "auth", shape({"token": TEXT, "refreshToken": TEXT}), refused=(400, 401), **PUBLIC,
                **body({"refreshToken": "from the last answer"}, "refreshToken"),
            )
        },
        "/api/auth/logout": {"post": operation("auth", EMPTY, refused=(401,))},
        "/api/auth/close": {"post": operation("auth", EMPTY, refused=(401,))},
        "/api/notes": {
            "get": operation(
                "notes", shape({"notes": {"type": "array", "items": reference("Note")}}), refused=(400, 401), **LIMIT
            ),
            "post": operation(
                "notes", shape({"note": reference("Note")}), status=201, refused=(400, 401),
                **body({"text": "buy"}, "text"),
            ),
        },
        "/api/notes/{note_id}": {
            "get": operation("notes", shape({"note": reference("Note")}), refused=(400, 401, 403, 404), **NOTE_ID),
            "delete": operation("notes", EMPTY, refused=(400, 401, 403, 404), **NOTE_ID),
        },
        "/api/users": {
            "get": operation("users", shape({"users": {"type": "array", "items": reference("User")}}), **PUBLIC)
        },
        "/api/users/{user_id}": {
            "get": operation("users", shape({"user": reference("User")}), refused=(400, 404), **PUBLIC, **USER_ID)
        },
        "/api/admin/figures": {
            "get": operation("admin", shape({"total": WHOLE}), refused=(401, 403)) | {"x-roles": ["admin"]}
        },
    },
}  # fmt: skip
