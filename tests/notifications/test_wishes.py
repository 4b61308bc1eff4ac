"""Preferences per type and channel, quiet hours, and the delivery to sockets and mailboxes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.notifications.queries.wishes import is_quiet
from mixillo.blueprints.notifications.services import telling
from mixillo.core import mail, realtime
from tests.notifications.conftest import Emitted
from tests.notifications.news import like_of

User = dict[str, Any]
PATH = "/api/notifications/preferences"


def tell(app: Flask, actor: User, owner: User) -> list[dict[str, Any]]:
    with app.app_context():
        return telling.tell(like_of(actor, owner))


def test_everything_is_told_but_nothing_is_mailed_unless_asked_for(as_ada: FlaskClient) -> None:
    shown = as_ada.get(PATH).json["data"]["preferences"]
    assert len(shown["types"]) == 15
    assert all(each == {"inApp": True, "push": True, "email": False} for each in shown["types"].values())
    assert shown["quietHours"] == {"enabled": False, "start": "22:00", "end": "07:00", "timezone": "UTC"}


def test_changes_are_merged(as_ada: FlaskClient) -> None:
    as_ada.put(PATH, json={"types": {"like": {"push": False}}, "quietHours": {"enabled": True}})
    shown = as_ada.put(PATH, json={"types": {"like": {"email": True}}, "quietHours": {"start": "23:30"}}).json["data"]
    assert shown["preferences"]["types"]["like"] == {"inApp": True, "push": False, "email": True}
    assert shown["preferences"]["quietHours"] | {"timezone": ""} == {
        "enabled": True, "start": "23:30", "end": "07:00", "timezone": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {"types": {"pigeon": {"push": True}}}, {"types": {"like": {"pigeon": True}}},
        {"types": {"like": {"push": "yes"}}},
        {"quietHours": {"start": "24:00"}}, {"quietHours": {"timezone": "Mars/Olympus"}}, {"types": {"$like": {}}},
        {"quietHours": {"start": "7:00"}}, {"userId": "64b7f3a2c9e77a0012ab34cd"},
    ],
)  # fmt: skip
def test_nonsense_is_refused(as_ada: FlaskClient, body: dict[str, Any], db: Database) -> None:
    assert as_ada.put(PATH, json=body).status_code == 400
    assert db["notificationpreferences"].count_documents({}) == 0


@pytest.mark.parametrize("switched_off", ["type", "account"])
def test_what_somebody_does_not_want_to_know_is_not_kept(
    app: Flask, as_ada: FlaskClient, ada: User, bob: User, emitted: Emitted, switched_off: str
) -> None:
    if switched_off == "type":
        as_ada.put(PATH, json={"types": {"like": {"inApp": False}}})
    else:
        as_ada.put("/api/users/notification-settings", json={"likesEnabled": False})
    assert tell(app, bob, ada) == []
    assert emitted == []


def test_live_delivery_follows_the_commit_and_says_how_much_is_unread(
    app: Flask, db: Database, ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    def listen(name: str, payload: Any, *, to: str, **_more: Any) -> None:
        assert db["notifications"].find_one({"_id": ObjectId(payload["notification"]["_id"])}), "told before the commit"
        heard.append(
            (name, to, payload["unreadCount"], payload["silent"], payload["notification"]["sender"]["username"])
        )

    monkeypatch.setattr(realtime.socketio, "emit", listen)
    tell(app, bob, ada)
    room = f"user_{ada['_id']}"
    assert heard == [("notification", room, 1, False, "bob"), ("notification:new", room, 1, False, "bob")]


@pytest.mark.parametrize(
    "wish", [{"types": {"like": {"push": False}}}, {"quietHours": {"enabled": True, "start": "00:00", "end": "23:59"}}]
)
def test_without_push_and_in_quiet_hours_it_arrives_silently(
    app: Flask, as_ada: FlaskClient, ada: User, bob: User, emitted: Emitted, wish: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(telling.clock, "now", lambda: datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
    as_ada.put(PATH, json=wish)
    assert len(tell(app, bob, ada)) == 1
    assert [payload["silent"] for _, payload, _ in emitted] == [True, True]


@pytest.mark.parametrize(
    ("time", "zone", "start", "end", "expected"),
    [
        ("21:59", "UTC", "22:00", "07:00", False), ("22:00", "UTC", "22:00", "07:00", True),
        ("06:59", "UTC", "22:00", "07:00", True), ("07:00", "UTC", "22:00", "07:00", False),
        ("13:00", "UTC", "12:00", "14:00", True), ("14:00", "UTC", "12:00", "14:00", False),
        ("12:00", "UTC", "12:00", "12:00", False), ("20:30", "Asia/Tokyo", "05:00", "06:00", True),
        ("23:30", "Nowhere/Gone", "22:00", "07:00", True),
    ],
)  # fmt: skip
def test_quiet_hours_are_those_of_the_zone_and_go_over_midnight(
    time: str, zone: str, start: str, end: str, expected: bool
) -> None:
    hours = {"enabled": True, "start": start, "end": end, "timezone": zone}
    now = datetime.fromisoformat(f"2026-03-01T{time}:00+00:00")
    assert is_quiet(hours, now) == expected
    assert not is_quiet(hours | {"enabled": False}, now)


def test_who_asks_for_mail_gets_it(
    app: Flask, as_ada: FlaskClient, ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    monkeypatch.setattr(mail, "send", lambda *message: sent.append(message))
    tell(app, bob, ada)
    assert sent == []
    as_ada.put(PATH, json={"types": {"like": {"email": True}}})
    with app.app_context():
        telling.tell(like_of(bob, ada, post=ada["_id"]))
    assert sent == [("ada@example.com", "New likes", "bob liked your post")]
