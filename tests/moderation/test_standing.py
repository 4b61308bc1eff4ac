"""Strikes, suspension and ban: tokens and sockets are dead at once, and nobody decides above their rank."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.moderation.services import standing, striking
from mixillo.config import Settings
from mixillo.core import clock, realtime
from tests.factories.auth import client_of, fresh_address, make_session
from tests.factories.users import PASSWORD, make_user, unknown_id
from tests.moderation.test_reporting import report
from tests.sockets import Socket, serving
from tests.waiting import wait_until

User = dict[str, Any]


def put(client: FlaskClient, user: User, status: str, **more: Any) -> Any:
    return client.put(f"/api/admin/users/{user['_id']}/status", json={"status": status} | more)


def me(app: Flask, tokens: dict[str, str]) -> Any:
    return app.test_client().get("/api/auth/me", headers={"Authorization": f"Bearer {tokens['token']}"})


def login(app: Flask, user: User) -> Any:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = fresh_address()
    return client.post("/api/auth/login", json={"identifier": user["username"], "password": PASSWORD})


@pytest.mark.parametrize(("status", "code"), [("banned", "ACCOUNT_BANNED"), ("suspended", "ACCOUNT_SUSPENDED")])
def test_tokens_are_dead_at_once_and_stay_so(
    app: Flask, as_admin: FlaskClient, db: Database, ops_db: Database, bob: User, status: str, code: str
) -> None:
    sessions = [make_session(app, bob)[1] for _ in range(2)]
    answer = put(as_admin, bob, status, reason="harassment")
    assert answer.json["data"]["user"]["status"] == status
    for tokens in sessions:
        assert me(app, tokens).json["code"] == "TOKEN_REVOKED"
        refresh = app.test_client().post("/api/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
        assert refresh.status_code == 401
    assert login(app, bob).json["code"] == code
    (strike,) = db["strikes"].find()
    assert (strike["reason"], strike["severity"]) == ("harassment", "critical" if status == "banned" else "major")
    assert ops_db["auditlog"].count_documents({"action": f"user.{status}", "targetId": bob["_id"]}) == 1
    put(as_admin, bob, "active")
    assert login(app, bob).status_code == 200
    assert me(app, sessions[0]).json["code"] == "TOKEN_REVOKED"


@pytest.fixture
def url(app: Flask, settings: Settings) -> Iterator[str]:
    """The application behind a real server; made here, because sockets belong to the application made last."""
    with serving(settings) as address:
        yield address


@pytest.fixture
def sockets(url: str) -> Iterator[list[Socket]]:
    """Sockets that are closed after the test, whatever happens, before the server waits for them."""
    opened: list[Socket] = []
    yield opened
    for socket in opened:
        socket.close()


def test_a_ban_cuts_the_sockets_within_a_second(
    app: Flask, as_admin: FlaskClient, bob: User, cleo: User, url: str, sockets: list[Socket]
) -> None:
    tokens = [make_session(app, user)[1]["token"] for user in (bob, bob, cleo)]
    sockets += [Socket(url, {"token": token}) for token in tokens]
    assert all(socket.is_open for socket in sockets)
    put(as_admin, bob, "banned", reason="spam")
    wait_until(lambda: not (sockets[0].is_open or sockets[1].is_open), seconds=1.0)
    assert sockets[0].told("session:ended") == [{"code": "banned"}]
    assert sockets[2].is_open
    sockets.append(Socket(url, {"token": tokens[0]}))
    assert sockets[-1].refusals


def test_whoever_dies_before_the_sockets_are_cut_has_signed_them_out(
    app: Flask, as_admin: FlaskClient, db: Database, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, tokens = make_session(app, bob)

    def die(*_arguments: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(realtime, "end_sessions", die)
    assert put(as_admin, bob, "banned", reason="spam").status_code == 500
    db["users"].update_one({"_id": bob["_id"]}, {"$set": {"status": "active"}})
    assert me(app, tokens).json["code"] == "TOKEN_REVOKED"


def test_the_same_status_again_is_one_strike(as_admin: FlaskClient, db: Database, bob: User) -> None:
    for _ in range(2):
        assert put(as_admin, bob, "banned", reason="Sells followers").status_code == 200
    (strike,) = db["strikes"].find()
    assert (strike["reason"], strike["description"], "expiresAt" in strike) == ("other", "Sells followers", False)


def test_nobody_decides_about_themselves_or_above_their_rank(
    app: Flask, as_admin: FlaskClient, db: Database, admin: User, bob: User
) -> None:
    superadmin = make_user(db, role="superadmin")
    as_superadmin, peer = client_of(app, superadmin), make_user(db, role="admin")
    assert put(as_admin, admin, "banned", reason="spam").json["code"] == "own_account"
    for above in (peer, superadmin):
        assert put(as_admin, above, "banned", reason="spam").json["code"] == "above_you"
        strike = as_admin.post(f"/api/moderation/users/{above['_id']}/strikes", json={"reason": "spam"})
        assert strike.json["code"] == "above_you"
    assert put(as_superadmin, peer, "suspended", reason="spam").status_code == 200
    assert put(as_admin, {"_id": unknown_id()}, "banned", reason="spam").status_code == 404
    report(client_of(app, bob), "user", superadmin)
    case = db["moderationqueues"].find_one({})["_id"]
    body = {"reason": "spam", "actionTaken": "account_banned"}
    assert as_admin.put(f"/api/moderation/queue/{case}/reject", json=body).json["code"] == "above_you"
    assert db["moderationqueues"].find_one({})["status"] == "pending"
    assert db["users"].find_one({"_id": superadmin["_id"]})["status"] == "active"
    for body in ({"status": "inactive"}, {"status": "king"}, {}, {"status": "banned", "days": 0}):
        assert as_admin.put(f"/api/admin/users/{bob['_id']}/status", json=body).status_code == 400


def test_a_ban_by_the_queue_signs_out_and_takes_the_post_away(
    as_ada: FlaskClient, as_bob: FlaskClient, as_admin: FlaskClient, db: Database, post: Any, ada: User
) -> None:
    report(as_bob, "content", post, "violence")
    case = db["moderationqueues"].find_one({})["_id"]
    body = {"reason": "violence", "actionTaken": "account_banned"}
    shown = as_admin.put(f"/api/moderation/queue/{case}/reject", json=body).json["data"]["case"]
    assert (shown["status"], shown["actionTaken"]) == ("removed", "account_banned")
    assert as_ada.get("/api/auth/me").status_code == 401
    assert db["users"].find_one({"_id": ada["_id"]})["status"] == "banned"
    assert db["contents"].find_one({})["status"] == "removed"
    assert db["reports"].find_one({})["actionTaken"] == "account_banned"


def test_three_strikes_suspend_for_a_week_and_lifted_or_old_ones_do_not_count(
    as_admin: FlaskClient, db: Database, bob: User
) -> None:
    path = f"/api/moderation/users/{bob['_id']}/strikes"

    def give(**fields: Any) -> str:
        answer = as_admin.post(path, json={"reason": "spam"} | fields)
        assert answer.status_code == 201
        return answer.json["data"]["strike"]["_id"]

    lifted, old = give(), give(severity="minor")
    assert as_admin.put(f"/api/moderation/strikes/{lifted}/lift").json["data"]["strike"]["isActive"] is False
    db["strikes"].update_one({"severity": "minor"}, {"$set": {"expiresAt": clock.now() - timedelta(days=1)}})
    give()
    give()
    assert db["users"].find_one({"_id": bob["_id"]})["status"] == "active"
    give()
    stored = db["users"].find_one({"_id": bob["_id"]})
    assert stored["status"] == "suspended"
    assert timedelta(days=6) < stored["suspendedUntil"] - clock.now() <= standing.SUSPENSION
    assert len(as_admin.get(f"/api/moderation/strikes?userId={bob['_id']}").json["data"]["strikes"]) == 5
    assert striking.forget_old_ones(clock.now()) == 1
    assert len(as_admin.get("/api/moderation/strikes?isActive=false").json["data"]["strikes"]) == 2
    assert old
    assert as_admin.put(f"/api/moderation/strikes/{unknown_id()}/lift").status_code == 404


@pytest.mark.usefixtures("on_other_instances")
def test_strikes_at_once_are_all_counted_and_a_repeated_key_strikes_once(app: Flask, db: Database, bob: User) -> None:
    admins = [client_of(app, make_user(db, role="admin")) for _ in range(3)]
    path = f"/api/moderation/users/{bob['_id']}/strikes"

    def strike(number: int) -> int:
        key = {"Idempotency-Key": str(number % 3)}
        return admins[number % 3].post(path, json={"reason": "spam"}, headers=key).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(strike, range(6))) <= {201, 409}
    assert db["strikes"].count_documents({}) == 3
    assert db["users"].find_one({"_id": bob["_id"]})["status"] == "suspended"


def test_a_suspension_ends_by_itself_once(
    app: Flask, as_admin: FlaskClient, db: Database, ops_db: Database, bob: User
) -> None:
    heard: list[Any] = []

    def hear(_sender: Any, **told: Any) -> None:
        heard.append((told["user_id"], told["status"]))

    standing.changed.connect(hear)
    put(as_admin, bob, "suspended", reason="spam", days=2)
    put(as_admin, bob, "suspended", reason="spam", days=3)
    with app.app_context():
        assert standing.end_suspensions(clock.now() + timedelta(days=2, hours=1)) == 0
        assert standing.end_suspensions(clock.now() + timedelta(days=3, hours=1)) == 1
        assert standing.end_suspensions(clock.now() + timedelta(days=3, hours=1)) == 0
    assert db["users"].find_one({"_id": bob["_id"]})["status"] == "active"
    assert heard == [(bob["_id"], "suspended"), (bob["_id"], "active")]
    (entry,) = ops_db["auditlog"].find({"action": "user.suspension_ended"})
    assert entry["actor"]["kind"] == "system"


def test_people_see_their_own_strikes_and_not_who_gave_them(
    as_admin: FlaskClient, as_bob: FlaskClient, bob: User
) -> None:
    as_admin.post(f"/api/moderation/users/{bob['_id']}/strikes", json={"reason": "spam", "description": "Same text"})
    (strike,) = as_bob.get("/api/moderation/strikes/mine").json["data"]["strikes"]
    assert (strike["reason"], strike["isActive"]) == ("spam", True)
    assert "issuedBy" not in strike
