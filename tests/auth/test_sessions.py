"""Sessions: rotation and reuse of refresh tokens, signing out, bad access tokens."""

import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.config import Settings
from mixillo.core import clock
from tests.factories.auth import client_of, make_session, sign_in
from tests.factories.users import make_user


def refresh(client: FlaskClient, token: Any) -> Any:
    return client.post("/api/auth/refresh", json={"refreshToken": token})


def me(client: FlaskClient, token: str) -> Any:
    return client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def past_grace(ops_db: Database) -> None:
    """Let the last rotation be longer ago than the grace."""
    ops_db["sessions"].update_many({}, {"$set": {"rotatedAt": clock.now() - timedelta(seconds=11)}})


def test_the_access_token_has_the_claims_of_the_contract(app: Flask, db: Database) -> None:
    ada = make_user(db)
    session, tokens = make_session(app, ada)
    claims = claims_of(tokens["token"])
    assert {"iss", "aud", "sub", "id", "email", "role", "sid", "jti", "iat", "exp", "type"} <= claims.keys()
    assert (claims["id"], claims["sid"], claims["type"]) == (str(ada["_id"]), str(session["_id"]), "access")
    assert claims["exp"] - claims["iat"] == 15 * 60


def test_refreshing_returns_new_tokens_and_moves_the_expiry(app: Flask, db: Database, client: FlaskClient) -> None:
    _, tokens = make_session(app, make_user(db))
    answer = refresh(client, tokens["refreshToken"])
    assert answer.status_code == 200
    assert set(answer.json["data"]) == {"token", "refreshToken"}
    assert answer.json["data"]["refreshToken"] != tokens["refreshToken"]
    assert me(client, answer.json["data"]["token"]).status_code == 200
    claims = claims_of(answer.json["data"]["refreshToken"])
    assert claims["exp"] - claims["iat"] == 30 * 24 * 3600


def test_every_ancestor_ends_the_family(app: Flask, db: Database, ops_db: Database) -> None:
    for generation in range(9):
        client = client_of(app)
        _, tokens = make_session(app, make_user(db))
        chain = [tokens["refreshToken"]]
        for _ in range(10):
            chain.append(refresh(client, chain[-1]).json["data"]["refreshToken"])
        stolen = refresh(client, chain[generation])
        assert (stolen.status_code, stolen.json["code"]) == (401, "TOKEN_REVOKED")
        assert refresh(client, chain[-1]).json["code"] == "TOKEN_REVOKED"
        assert me(client, tokens["token"]).json["code"] == "TOKEN_REVOKED"
    assert ops_db["sessions"].distinct("revokedReason") == ["refresh_token_reused"]


def test_the_predecessor_has_ten_seconds_of_grace(
    app: Flask, db: Database, ops_db: Database, client: FlaskClient
) -> None:
    _, tokens = make_session(app, make_user(db))
    first = refresh(client, tokens["refreshToken"]).json["data"]["refreshToken"]
    again = refresh(client, tokens["refreshToken"])
    assert again.json["data"]["refreshToken"] == first
    past_grace(ops_db)
    assert refresh(client, tokens["refreshToken"]).json["code"] == "TOKEN_REVOKED"
    assert refresh(client, first).json["code"] == "TOKEN_REVOKED"


def test_twenty_parallel_refreshes_have_one_successor(app: Flask, db: Database, ops_db: Database) -> None:
    _, tokens = make_session(app, make_user(db))
    clients = [client_of(app) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda client: refresh(client, tokens["refreshToken"]), clients))
    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json["data"]["refreshToken"] for answer in answers}
    assert len(successors) == 1
    assert claims_of(successors.pop())["jti"] == ops_db["sessions"].find_one()["jti"]


def forged(settings: Settings, good: str, secret: str = "", **changes: Any) -> str:
    claims = {name: value for name, value in (claims_of(good) | changes).items() if value is not None}
    return jwt.encode(claims, secret or settings.jwt_refresh_secret, "HS256")


def test_a_bad_refresh_token_says_what_is_wrong(
    app: Flask, db: Database, settings: Settings, client: FlaskClient
) -> None:
    _, tokens = make_session(app, make_user(db))
    good = tokens["refreshToken"]
    cases = {
        "NO_REFRESH_TOKEN": [None, ""],
        "REFRESH_TOKEN_EXPIRED": [forged(settings, good, exp=1)],
        "INVALID_REFRESH_TOKEN": [
            "abc",
            "a.b.c",
            good[:-2] + "xx",
            tokens["token"],
            forged(settings, good, secret="another secret of forty characters, no more"),
            unsigned(good),
            forged(settings, good, type="access"),
            forged(settings, good, type=None),
            forged(settings, good, exp=None),
            forged(settings, good, jti=None),
            forged(settings, good, sid="x"),
            forged(settings, good, sub=str(ObjectId()), sid="0" * 23),
            forged(settings, good, aud="other"),
            forged(settings, good, iss="other"),
        ],
        "TOKEN_REVOKED": [forged(settings, good, sid=str(ObjectId())), forged(settings, good, sub=str(ObjectId()))],
    }
    for code, bad in cases.items():
        for token in bad:
            answer = refresh(client, token)
            assert (answer.status_code, answer.json["code"]) == (401, code), token
    assert client.post("/api/auth/refresh", json={}).json["code"] == "NO_REFRESH_TOKEN"
    assert refresh(client, {"$gt": ""}).status_code == 400
    assert refresh(client, good).status_code == 200


def unsigned(good: str) -> str:
    header = b'{"alg":"none","typ":"JWT"}'
    return f"{segment(header)}.{good.split('.')[1]}."


def signed_with_sha512(good: str, secret: str) -> str:
    header = b'{"alg":"HS512","typ":"JWT"}'
    signed = f"{segment(header)}.{good.split('.')[1]}"
    return f"{signed}.{segment(hmac.digest(secret.encode(), signed.encode(), hashlib.sha512))}"


def segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_bad_access_token_says_what_is_wrong(
    app: Flask, db: Database, settings: Settings, client: FlaskClient
) -> None:
    ada = make_user(db)
    _, tokens = make_session(app, ada)
    other_session, _ = make_session(app, make_user(db))
    good, secret = tokens["token"], settings.jwt_secret
    payload = good.split(".")[1]
    raised = claims_of(good) | {"role": "superadmin"}
    tampered = segment(json.dumps(raised).encode())
    cases = {
        "TOKEN_EXPIRED": [forged(settings, good, secret, exp=1)],
        "INVALID_TOKEN": [
            "abc",
            unsigned(good),
            good.replace(payload, tampered),
            tokens["refreshToken"],
            forged(settings, good, secret, type="refresh"),
            forged(settings, good, secret, exp=None),
            forged(settings, good, secret, sid=None),
            forged(settings, good, secret, sid="x"),
            signed_with_sha512(good, secret),
            forged(settings, good, secret, aud="other"),
            forged(settings, good, secret, iss="other"),
            forged(settings, good, "another secret of forty characters, no more"),
        ],
        "TOKEN_REVOKED": [
            forged(settings, good, secret, sid=str(ObjectId())),
            forged(settings, good, secret, sid=str(other_session["_id"])),
        ],
    }
    for code, bad in cases.items():
        for token in bad:
            answer = me(client, token)
            assert (answer.status_code, answer.json["code"]) == (401, code), token
    assert me(client, good).status_code == 200


def test_an_expired_session_is_over(app: Flask, db: Database, ops_db: Database, client: FlaskClient) -> None:
    _, tokens = make_session(app, make_user(db))
    ops_db["sessions"].update_many({}, {"$set": {"expiresAt": clock.now() - timedelta(seconds=1)}})
    assert me(client, tokens["token"]).json["code"] == "TOKEN_REVOKED"


def test_a_deleted_account_is_gone(app: Flask, db: Database, client: FlaskClient) -> None:
    _, tokens = make_session(app, make_user(db))
    db["users"].delete_many({})
    assert me(client, tokens["token"]).json["code"] == "USER_NOT_FOUND"
    assert refresh(client, tokens["refreshToken"]).json["code"] == "USER_NOT_FOUND"


@pytest.mark.parametrize(("status", "code"), [("banned", "ACCOUNT_BANNED"), ("suspended", "ACCOUNT_SUSPENDED")])
def test_a_closed_account_is_refused_at_once(
    app: Flask, db: Database, client: FlaskClient, status: str, code: str
) -> None:
    _, tokens = make_session(app, make_user(db))
    db["users"].update_one({}, {"$set": {"status": status}})
    for answer in (me(client, tokens["token"]), refresh(client, tokens["refreshToken"])):
        assert (answer.status_code, answer.json["code"]) == (403, code)


def test_the_stored_role_counts_and_not_that_of_the_token(app: Flask, db: Database) -> None:
    ada, admin = make_user(db), make_user(db, role="admin")
    db["blockedusers"].insert_one({"userId": ada["_id"], "blockedUserId": admin["_id"]})
    client = client_of(app, admin)
    assert client.get(f"/api/users/{ada['_id']}").status_code == 200
    db["users"].update_one({"_id": admin["_id"]}, {"$set": {"role": "user"}})
    assert client.get(f"/api/users/{ada['_id']}").status_code == 404


def test_signing_out_ends_this_session_only(app: Flask, db: Database, ops_db: Database) -> None:
    ada = make_user(db, fcmTokens=[{"token": "phone"}, {"token": "tablet"}])
    client, other = client_of(app, ada), client_of(app, ada)
    tokens = sign_in(client, ada)
    assert client.post("/api/auth/logout", json={"fcmToken": "phone"}).status_code == 200
    assert client.get("/api/auth/me").json["code"] == "TOKEN_REVOKED"
    assert refresh(client, tokens["refreshToken"]).json["code"] == "TOKEN_REVOKED"
    assert other.get("/api/auth/me").status_code == 200
    assert [device["token"] for device in db["users"].find_one()["fcmTokens"]] == ["tablet"]


def test_signing_out_needs_no_body(app: Flask, db: Database) -> None:
    assert client_of(app, make_user(db)).post("/api/auth/logout").status_code == 200


def test_signing_out_everywhere_ends_all(app: Flask, db: Database) -> None:
    ada, bob = make_user(db), make_user(db)
    clients = [client_of(app, ada) for _ in range(3)]
    stranger = client_of(app, bob)
    assert clients[0].post("/api/auth/logout-all").json["data"] == {"ended": 3}
    assert {client.get("/api/auth/me").status_code for client in clients} == {401}
    assert stranger.get("/api/auth/me").status_code == 200


def test_sessions_are_listed_and_ended_one_by_one(app: Flask, db: Database) -> None:
    ada = make_user(db)
    session, tokens = make_session(app, ada, "203.0.113.9")
    client = client_of(app, ada)
    listed = client.get("/api/auth/sessions").json["data"]["sessions"]
    assert [(each["isCurrent"], each["address"]) for each in listed] == [(True, "198.51.100.1"), (False, "203.0.113.9")]
    assert "jti" not in str(listed)
    assert client.delete(f"/api/auth/sessions/{session['_id']}").status_code == 200
    assert me(client, tokens["token"]).json["code"] == "TOKEN_REVOKED"
    assert len(client.get("/api/auth/sessions").json["data"]["sessions"]) == 1


def test_the_session_of_another_person_is_not_there(app: Flask, db: Database) -> None:
    session, tokens = make_session(app, make_user(db))
    client = client_of(app, make_user(db))
    assert client.delete(f"/api/auth/sessions/{session['_id']}").status_code == 404
    assert client.delete(f"/api/auth/sessions/{ObjectId()}").status_code == 404
    assert me(client, tokens["token"]).status_code == 200


def test_the_dashboards_old_paths_answer_and_name_their_successors(app: Flask, db: Database) -> None:
    make_user(db, username="ada")
    client = client_of(app)
    body = {"identifier": "ada", "password": "correct horse battery"}
    old = client.post("/api/auth/mongodb/login", json=body)
    assert old.status_code == 200
    assert old.headers["Link"] == '</api/auth/login>; rel="successor-version"'
    assert old.headers["Deprecation"].startswith("@")
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {old.json['data']['token']}"
    assert client.get("/api/auth/mongodb/me").json["data"]["user"]["username"] == "ada"
    renewed = client.post("/api/auth/mongodb/refresh", json={"refreshToken": old.json["data"]["refreshToken"]})
    assert renewed.status_code == 200
    assert client.post("/api/auth/mongodb/logout").status_code == 200
    refused = client.post("/api/auth/mongodb/register", json={})
    assert (refused.status_code, "Deprecation" in refused.headers) == (400, True)
    assert "Deprecation" not in client.post("/api/auth/login", json=body).headers
