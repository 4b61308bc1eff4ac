"""Events come in whole, once, or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from pymongo.database import Database

from mixillo.blueprints.analytics.models import EVENT_TYPES, RELATED
from mixillo.blueprints.analytics.routes import tracking
from mixillo.blueprints.analytics.schemas import plain
from mixillo.blueprints.analytics.schemas.given import EXAMPLE, EventSchema
from mixillo.core import clock
from mixillo.core.ratelimits import Rate
from tests.analytics.sending import Document, event, moment, numbered, send

ID = "64b7f3a2c9e77a0012ab34cd"


def test_events_are_stored_under_the_stored_names(as_ada: FlaskClient, ada: Document, db: Database) -> None:
    happened = moment(hours=1)
    answer = send(
        as_ada, numbered(1, timestamp=happened, sessionId="s1", relatedEntities={"productId": ID}, duration=3,
                         device={"type": "mobile", "os": "iOS"}, location={"country": "Portugal"},
                         data={"a": {"b": [1, None]}}, metadata={"path": "/shop", "query": {"q": "mug"}}),
    )  # fmt: skip
    assert answer.status_code == 202
    assert answer.json["data"] == {"accepted": 1, "duplicates": 0}
    (stored,) = db["eventtrackings"].find()
    assert stored["user"] == ada["_id"]
    assert clock.timestamp(stored["timestamp"]) == happened
    assert str(stored["relatedEntities"]["productId"]) == ID
    assert not isinstance(stored["relatedEntities"]["productId"], str)
    assert stored["data"] == {"a": {"b": [1, None]}}
    assert stored["duration"] == 3.0
    assert stored["createdAt"] > stored["timestamp"]
    assert "eventId" not in stored


def test_an_event_that_is_sent_again_is_there_once(as_ada: FlaskClient, db: Database) -> None:
    assert send(as_ada, numbered(1), numbered(2)).json["data"] == {"accepted": 2, "duplicates": 0}
    again = send(as_ada, numbered(2), numbered(3), numbered(3), event(), event()).json["data"]
    assert again == {"accepted": 3, "duplicates": 2}
    assert db["eventtrackings"].count_documents({}) == 5


def test_nobody_takes_an_event_away_by_using_its_id_first(
    as_ada: FlaskClient, as_bob: FlaskClient, client: FlaskClient, db: Database
) -> None:
    for somebody in (client, as_bob, as_ada):
        assert send(somebody, numbered(1)).json["data"]["accepted"] == 1
    assert db["eventtrackings"].count_documents({}) == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"eventType": "nonsense"}, "events.1.eventType"),
        ({"eventType": {"$gt": ""}}, "events.1.eventType"),
        ({"user": ID}, "events.1.user"),
        ({"timestamp": "2020-01-01T00:00:00.000Z"}, "events.1.timestamp"),
        ({"timestamp": "2026-01-01T00:00:00"}, "events.1.timestamp"),
        ({"timestamp": 5}, "events.1.timestamp"),
        ({"relatedEntities": {"productId": "x"}}, "events.1.relatedEntities.productId"),
        ({"data": {"$where": "1"}}, "events.1.data"),
        ({"data": {"a": {"b.c": 1}}}, "events.1.data"),
        ({"data": {"a": "x" * 5000}}, "events.1.data"),
        ({"data": []}, "events.1.data"),
        ({"duration": -1}, "events.1.duration"),
        ({"device": {"type": "toaster"}}, "events.1.device.type"),
        ({"eventId": "no spaces"}, "events.1.eventId"),
        ({"sessionId": "x" * 65}, "events.1.sessionId"),
        ({"metadata": {"path": "\x01"}}, "events.1.metadata.path"),
    ],
)
def test_one_invalid_event_refuses_them_all_and_is_named(
    client: FlaskClient, db: Database, wrong: Document, field: str
) -> None:
    answer = send(client, event(), event(**wrong))
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json["errors"]] == [field]
    assert db["eventtrackings"].count_documents({}) == 0


def test_the_future_is_refused(client: FlaskClient) -> None:
    assert send(client, event(timestamp=moment(minutes=-4))).status_code == 202
    assert send(client, event(timestamp=moment(minutes=-6))).status_code == 400


@pytest.mark.parametrize("body", [{}, {"events": []}, {"events": "x"}, {"events": [event()] * 501}, {"events": [1]}])
def test_a_batch_has_between_one_and_five_hundred_events(client: FlaskClient, body: Document) -> None:
    assert client.post("/api/events", json=body).status_code == 400


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_kind_of_event_is_taken(client: FlaskClient, db: Database, kind: str) -> None:
    answer = client.post("/api/analytics/track", json={"eventType": kind})
    assert (answer.status_code, answer.json["message"]) == (202, "Event tracked")
    assert db["eventtrackings"].find_one({})["eventType"] == kind


def test_the_first_clients_words_are_understood(as_ada: FlaskClient, db: Database) -> None:
    body = {
        "event": "opened", "type": "content_view", "metrics": {"ms": 12}, "contentId": ID, "device": "ios",
    }  # fmt: skip
    assert as_ada.post("/api/analytics/track", json=body).status_code == 202
    (stored,) = db["eventtrackings"].find()
    assert stored["eventType"] == "page_view"
    assert stored["data"] == {"event": "opened", "type": "content_view", "metrics": {"ms": 12}}
    assert str(stored["relatedEntities"]["contentId"]) == ID
    assert stored["device"] == {"type": "mobile", "os": "iOS"}


@pytest.mark.parametrize(
    "body",
    [
        {"event": "x", "type": "nonsense"}, {"type": ["search"]}, {}, {"data": {}}, {"type": "search", "device": "mac"},
        {"events": [event()], "eventType": "like"}, {"eventType": "like", "userId": ID}, {"events": []},
    ],
)  # fmt: skip
def test_what_is_no_event_is_not_tracked(client: FlaskClient, db: Database, body: Document) -> None:
    assert client.post("/api/analytics/track", json=body).status_code == 400
    assert db["eventtrackings"].count_documents({}) == 0


def test_track_takes_several_and_its_older_path_names_it(client: FlaskClient) -> None:
    assert client.post("/api/analytics/track", json={"events": [event(), event()]}).json["data"]["accepted"] == 2
    answer = client.post("/api/analytics/events/track", json=event())
    assert answer.status_code == 202
    assert "/api/analytics/track" in answer.headers["Link"]


def test_events_are_rationed_and_not_only_requests(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "RATE", Rate("few_events", 3, 60))
    assert send(client, event(), event()).status_code == 202
    answer = send(client, event(), event())
    assert (answer.status_code, answer.json["code"]) == (429, "rate_limited")
    assert int(answer.headers["Retry-After"]) > 0
    assert client.post("/api/analytics/track", json=event()).status_code == 429


TEXTS = st.sampled_from(["", " ", "a", " a", "x" * 64, "x" * 65, "a b", "\n", "é", "$a", "a.b", ID, ID[1:], "like"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 90_000) | st.floats(-1, 1e5) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2), max_leaves=4,
)  # fmt: skip
MOMENTS = st.integers(-2, 200).map(lambda hours: moment(hours=hours)) | st.just("2026-02-30T00:00:00Z") | VALUES
RIGHT: dict[str, Any] = {
    "eventId": TEXTS, "eventType": st.sampled_from(EVENT_TYPES), "timestamp": MOMENTS, "sessionId": TEXTS,
    "relatedEntities": st.dictionaries(st.sampled_from(RELATED), TEXTS, max_size=2), "duration": st.integers(0, 9),
    "device": st.fixed_dictionaries({}, optional={"type": st.sampled_from(["mobile", "x"]), "os": TEXTS}),
    "location": st.dictionaries(st.sampled_from(["country", "city", "ip"]), TEXTS),
    "data": st.dictionaries(TEXTS, VALUES, max_size=3),
    "metadata": st.fixed_dictionaries({}, optional={"path": TEXTS, "query": st.dictionaries(TEXTS, TEXTS)}),
}  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries({}, optional={name: VALUES | right | right for name, right in RIGHT.items()} | {"x": VALUES})
)
def test_what_is_taken_without_the_schema_is_what_the_schema_takes(given_event: Document) -> None:
    now = clock.now()
    quick = plain.taken(given_event, now - timedelta(days=7), now + timedelta(minutes=5))
    if quick is not None:
        try:
            assert quick == EventSchema().load(given_event)
        except ValidationError as error:
            raise AssertionError(f"the schema refuses what was taken: {error}") from error


def test_the_documented_example_needs_no_schema() -> None:
    now = clock.now()
    assert plain.taken(EXAMPLE | {"timestamp": moment()}, now - timedelta(days=1), now + timedelta(days=1)) is not None
