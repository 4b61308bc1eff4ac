"""Everything that signing in asks the database is found by an index."""

from collections.abc import Callable

from flask import Flask
from pymongo.database import Database

from tests.factories.auth import client_of, make_session
from tests.factories.users import PASSWORD, make_user
from tests.plans import faults, profiled


def test_signing_in_and_out_uses_indexes(
    app: Flask, db: Database, ops_db: Database, mailed_tokens: Callable[[], list[str]]
) -> None:
    people = [make_user(db) for _ in range(10)]
    for person in people:
        make_session(app, person)
    ada = people[3]
    client = client_of(app, ada)
    with profiled(db, ops_db) as entries:
        for name in (ada["username"], ada["email"], "nobody"):
            client.post("/api/auth/login", json={"identifier": name, "password": PASSWORD})
        _, tokens = make_session(app, ada)
        for _ in range(2):
            client.post("/api/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
        client.get("/api/auth/me")
        client.get("/api/auth/sessions?limit=1")
        client.post("/api/auth/change-password", json={"currentPassword": PASSWORD, "newPassword": "another good one"})
        client.post("/api/auth/forgot-password", json={"email": ada["email"]})
        (token,) = mailed_tokens()[-1:]
        client.post("/api/auth/reset-password", json={"token": token, "password": "a third good one"})
        client.post("/api/auth/verify-email", json={"token": "unknown"})
    assert len(entries) > 25
    assert faults(entries) == []


def test_a_signed_in_request_costs_two_point_reads(app: Flask, db: Database, ops_db: Database) -> None:
    client = client_of(app, make_user(db))
    with profiled(db, ops_db) as entries:
        client.get("/api/users/me")
    assert [entry["docsExamined"] for entry in entries] == [1, 1, 1]  # session, account, and the answer itself
