"""A small server that speaks the contract, and breaks it where it is told to."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, g, request
from flask import json as flask_json

from tests.ops.probes.contract import DOCUMENT, PROBLEM, Json

Fault = Callable[[Response], Response]
SOMEBODY = {"_id": "f" * 24, "username": "somebody"}
ADMIN_TOKEN = "head.admin.signature"


@dataclass
class Speaker:
    """The server's state, and what is broken about it: ``faults`` by operation, ``open`` operations ask nobody."""

    environment: str = "test"
    faults: dict[str, Fault] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    everybodys: set[str] = field(default_factory=set)
    document: Any = field(default_factory=lambda: DOCUMENT)
    users: dict[str, Json] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Json] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def break_answer(self, name: str, **members: Any) -> None:
        """Let the operation answer with ``data`` changed: dotted ``members`` set, or removed when ``None``."""

        def fault(response: Response) -> Response:
            if response.status_code >= 300:
                return response
            changed = response.get_json()
            for path, value in members.items():
                *parents, last = path.split(".")
                place = changed["data"]
                for parent in parents:
                    place = place[parent]
                place.pop(last, None)
                place |= {} if value is None else {last: value}
            response.set_data(flask_json.dumps(changed))
            return response

        self.faults[name] = fault


class Refused(Exception):
    def __init__(self, status: int, code: str, *fields: str) -> None:
        super().__init__(code)
        self.status, self.code, self.fields = status, code, fields


def speaking(speaker: Speaker) -> Flask:  # noqa: C901  a whole server in one place
    """Return the application of ``speaker``."""
    app = Flask("speaker")
    numbers = itertools.count(1)

    def new_id() -> str:
        return f"{next(numbers):024x}"

    def said(data: Json, status: int = 200) -> tuple[Json, int]:
        return {"success": True, "data": data}, status

    def name() -> str:
        rule = str(request.url_rule).replace("<", "{").replace(">", "}")
        return f"{request.method} {rule}"

    def identify(role: str | None = None) -> str:
        if name() in speaker.open:
            return next(iter(speaker.users), "")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token == ADMIN_TOKEN:
            return "admin"
        if token not in speaker.tokens:
            raise Refused(401, "NO_TOKEN")
        if role:
            raise Refused(403, "FORBIDDEN")
        return speaker.tokens[token]

    def parsed() -> Json:
        described = DOCUMENT["paths"][request.path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        given = request.get_json()
        if missing := [field for field in described["required"] if field not in given]:
            raise Refused(400, "INVALID", *missing)
        if unknown := given.keys() - described["properties"].keys():
            raise Refused(400, "INVALID", *unknown)
        return given

    def an_id(value: str) -> str:
        if len(value) != 24:
            raise Refused(400, "INVALID", "id")
        return value

    def shown(user: Json) -> Json:
        return {"_id": user["_id"], "username": user["username"], "age": 36}

    def session(user: Json) -> Json:
        token, refresh = (f"h.p.{secrets.token_hex(8)}" for _ in range(2))
        speaker.tokens[token] = speaker.refresh_tokens[refresh] = user["_id"]
        return {"token": token, "refreshToken": refresh}

    @app.get("/health")
    def health() -> Any:
        return {"environment": speaker.environment, "version": "1.2.3", "revision": "rev-7"}

    @app.get("/api/openapi.json")
    def document() -> Any:
        return speaker.document

    @app.post("/api/auth/register")
    def register() -> Any:
        user = parsed() | {"_id": new_id()}
        speaker.users[user["_id"]] = user
        return said({"user": shown(user), **session(user)}, 201)

    @app.post("/api/auth/login")
    def login() -> Any:
        given = parsed()
        for user in speaker.users.values():
            if given["identifier"] in (user["email"], user["username"]) and given["password"] == user["password"]:
                return said({"user": shown(user), **session(user)})
        raise Refused(401, "WRONG")

    @app.get("/api/auth/me")
    def me() -> Any:
        return said({"user": shown(speaker.users.get(identify(), SOMEBODY))})

    @app.post("/api/auth/refresh")
    def refresh() -> Any:
        user_id = speaker.refresh_tokens.pop(parsed()["refreshToken"], None)
        if user_id is None:
            raise Refused(401, "REVOKED")
        return said(session(speaker.users[user_id]))

    @app.post("/api/auth/logout")
    def logout() -> Any:
        user_id = identify()
        for known in (speaker.tokens, speaker.refresh_tokens):
            for token in [t for t, owner in known.items() if owner == user_id]:
                del known[token]
        return said({})

    @app.post("/api/auth/close")
    def close() -> Any:
        user_id = identify()
        logout()
        del speaker.users[user_id]
        return said({})

    @app.get("/api/notes")
    def list_notes() -> Any:
        user_id = identify()
        if int(request.args.get("limit", 20)) < 1:
            raise Refused(400, "INVALID", "limit")
        own = [n for n in speaker.notes.values() if n["owner"] == user_id or name() in speaker.everybodys]
        return said({"notes": [note_shown(note) for note in own]})

    @app.post("/api/notes")
    def create_note() -> Any:
        note = {"_id": new_id(), "owner": identify(), **parsed()}
        speaker.notes[note["_id"]] = note
        return said({"note": note_shown(note)}, 201)

    def note_shown(note: Json) -> Json:
        return {"_id": note["_id"], "text": note["text"], "createdAt": "2026-01-31T12:00:00.000Z"}

    def own_note(note_id: str) -> Json:
        user_id = identify()
        note = speaker.notes.get(an_id(note_id))
        if note is None or (note["owner"] != user_id and name() not in speaker.everybodys):
            raise Refused(404, "NOT_FOUND")
        return note

    @app.get("/api/notes/<note_id>")
    def show_note(note_id: str) -> Any:
        return said({"note": note_shown(own_note(note_id))})

    @app.delete("/api/notes/<note_id>")
    @app.delete("/api/notes/<note_id>/forever")
    def delete_note(note_id: str) -> Any:
        speaker.notes.pop(own_note(note_id)["_id"])
        return said({})

    @app.get("/api/users")
    def list_users() -> Any:
        return said({"users": [shown(user) for user in speaker.users.values()]})

    @app.get("/api/users/<user_id>")
    def show_user(user_id: str) -> Any:
        user = speaker.users.get(an_id(user_id))
        if user is None:
            raise Refused(404, "NOT_FOUND")
        return said({"user": shown(user)})

    @app.get("/api/admin/figures")
    def figures() -> Any:
        identify("admin")
        return said({"total": len(speaker.users)})

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Any:
        told = {"status": error.status, "code": error.code, "detail": error.code}
        told["errors"] = [{"field": field, "message": "wrong"} for field in error.fields]
        return Response(flask_json.dumps(told), error.status, mimetype=PROBLEM)

    @app.before_request
    def note_down() -> None:
        g.name = name()
        speaker.requests.append(g.name)

    @app.after_request
    def break_it(response: Response) -> Response:
        fault = speaker.faults.get(g.get("name", ""))
        return fault(response) if fault else response

    return app
