"""The Live page: streams now, sockets of every instance, and what operators do with a stream."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.core import clock
from mixillo.core.realtime import room_log
from mixillo.core.realtime.figures import figures
from mixillo.ops.metrics.sockets import sampling
from mixillo.ops.metrics.storing import Instance
from tests.dashboard.browsing import Browse, Forward, csrf_of
from tests.factories.live import make_stream, stored
from tests.factories.users import make_user

Document = dict[str, Any]


@pytest.fixture(autouse=True)
def nothing_counted(app: Flask) -> Iterator[None]:
    figures.take()
    yield
    figures.take()


@pytest.fixture
def stream(db: Database, ada: Document) -> Document:
    """Ada's stream with three viewers, a gift and two lines of chat just now."""
    made = make_stream(
        db,
        ada,
        title="=Kiln <opening>",
        currentViewers=3,
        peakViewers=9,
        likesCount=40,
        giftsCount=2,
        totalGiftsValue=250,
    )
    lines = [{"livestreamId": made["_id"], "createdAt": clock.now()} for _ in range(2)]
    db["livemessages"].insert_many(
        [*lines, {"livestreamId": made["_id"], "createdAt": clock.now() - timedelta(minutes=1)}]
    )
    return made


def press(client: FlaskClient, path: str, **form: str) -> TestResponse:
    page = client.get("/ops/live")
    headers = {"Referer": "http://localhost/ops/live"}
    return client.post(f"/ops/live/{path}", data={"csrf_token": csrf_of(page), **form}, headers=headers)


def told(client: FlaskClient) -> str:
    """Return the notice that is on the page now."""
    return re.sub("<[^>]*>", "", client.get("/ops/live").text.partition('role="alert">')[2].partition("</p>")[0])


def rows(client: FlaskClient, **query: str) -> list[dict[str, str]]:
    answer = client.get("/ops/live.csv", query_string=query)
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_an_empty_page_says_how_a_stream_comes_here(browser: Browse, db: Database, ada: Document) -> None:
    make_stream(db, ada, status="scheduled", scheduledFor=clock.now() + timedelta(hours=3))
    page = browser("viewer").get("/ops/live").text
    assert "Nobody is on the air" in page
    assert "1\u00a0stream announced" in page
    assert "(this one)" in page
    assert "No stream has ended yet" in browser("viewer", username="eve").get("/ops/live?group=over").text


def test_streams_on_the_air_are_listed_with_what_happens_in_them(
    browser: Browse, db: Database, stream: Document
) -> None:
    make_stream(db, make_user(db, username="bob"), status="paused", currentViewers=8)
    make_stream(db, make_user(db), status="ended", endedAt=clock.now(), duration=60)
    client = browser("viewer")
    first, second = rows(client)
    assert (first["host"], first["state"], first["viewers"]) == ("'@bob", "paused", "8")
    assert second["title"] == "'=Kiln <opening>"
    assert [second[key] for key in ("viewers", "peak", "likes", "gifts", "coins", "messagesPerSecond")] == [
        "3", "9", "40", "2", "250", "0.2",
    ]  # fmt: skip
    page = client.get("/ops/live").text
    assert "=Kiln &lt;opening&gt;" in page
    assert 'data-figure="On the air">1<' in page
    assert 'data-figure="Viewers">11<' in page
    assert [row["title"] for row in rows(client, group="over")] == ["Opening the kiln"]


def test_streams_are_found_by_title_and_host(browser: Browse, db: Database, stream: Document) -> None:
    make_stream(db, make_user(db, username="bob"))
    client = browser("viewer")
    assert [row["host"] for row in rows(client, **{"streams-search": "kiln <"})] == ["'@ada"]
    assert [row["host"] for row in rows(client, **{"streams-search": "@bob"})] == ["'@bob"]
    assert [row["host"] for row in rows(client, **{"streams-sort": "host"})] == ["'@ada", "'@bob"]
    assert "No stream or host is called like" in client.get("/ops/live?streams-search=zz").text


def test_the_sockets_of_other_instances_are_shown_with_their_time(
    browser: Browse, ops_db: Database, forward: Forward
) -> None:
    sampling.Sampler(Instance("other", "r2", clock.now()), 100).store(ops_db)
    ops_db[sampling.COLLECTION].update_many({}, {"$set": {"sockets": 7, "deliveredPerSecond": 12.5}})
    client = browser("viewer")
    shown = {row["instance"]: row for row in rows(client, table="instances")}
    assert (shown["other"]["sockets"], shown["other"]["deliveredPerSecond"]) == ("7", "12.5")
    assert len(shown) == 2
    page = client.get("/ops/live").text
    assert 'data-figure="Sockets">7<' in page
    assert "on 2\u00a0instances" in page
    forward(timedelta(minutes=1))
    assert len(rows(client, table="instances")) == 1


def test_a_stream_is_ended_with_a_reason_once_its_words_are_typed(
    browser: Browse, db: Database, ops_db: Database, stream: Document
) -> None:
    client = browser()
    page = client.get(f"/ops/live/{stream['_id']}").text
    assert "end @ada</code>" in page
    path = f"{stream['_id']}/end"
    press(client, path, confirmation="end @bob", reason="Spam")
    assert "type 'end @ada'" in told(client).replace("&#39;", "'")
    press(client, path, confirmation="end @ada", reason=" ")
    assert "say why" in told(client)
    assert stored(db, stream)["status"] == "live"
    press(client, path, confirmation=" end @ada ", reason="Against the rules")
    assert told(client) == "The stream of @ada has ended."
    assert stored(db, stream)["status"] == "ended"
    (event,) = room_log.behind(f"live_{stream['_id']}", 0)
    assert (event.event, event.payload["reason"]) == ("stream:ended", "Against the rules")
    entry = ops_db["auditlog"].find_one({"action": "live.ended", "result": "ok"})
    assert (entry["actor"]["kind"], entry["actor"]["name"]) == ("operator", "amira")
    assert entry["changes"]["after"] == {"reason": "Against the rules"}
    press(client, path, confirmation="end @ada", reason="Again")
    assert ops_db["auditlog"].find_one({"action": "live.ended", "result": "live_wrong_state"})


def test_a_stream_is_put_forward_and_no_longer(
    browser: Browse, db: Database, ops_db: Database, stream: Document
) -> None:
    client = browser("operator")
    press(client, f"{stream['_id']}/feature", featured="yes")
    assert told(client) == "The stream of @ada is put forward."
    assert stored(db, stream)["isFeatured"] is True
    assert "No longer put forward" in client.get(f"/ops/live/{stream['_id']}").text
    press(client, f"{stream['_id']}/feature", featured="no")
    assert stored(db, stream)["isFeatured"] is False
    changes = [entry["changes"] for entry in ops_db["auditlog"].find({"action": "live.featured"}, sort=[("_id", 1)])]
    assert [change["after"]["isFeatured"] for change in changes] == [True, False]


@pytest.mark.parametrize(("role", "feature"), [("viewer", 403), ("operator", 303)])
def test_only_administrators_end_streams(
    browser: Browse, db: Database, stream: Document, role: str, feature: int
) -> None:
    client = browser(role)
    assert "End the stream" not in client.get(f"/ops/live/{stream['_id']}").text
    assert press(client, f"{stream['_id']}/end", confirmation="end @ada", reason="x").status_code == 403
    assert press(client, f"{stream['_id']}/feature", featured="yes").status_code == feature
    assert stored(db, stream)["status"] == "live"


def test_who_ends_a_stream_has_given_the_password_lately(
    browser: Browse, db: Database, stream: Document, forward: Forward
) -> None:
    client = browser()
    forward(timedelta(minutes=16))
    assert "Give your password" in client.get(f"/ops/live/{stream['_id']}").text
    answer = press(client, f"{stream['_id']}/end", confirmation="end @ada", reason="x")
    assert "/ops/confirm" in answer.location
    assert stored(db, stream)["status"] == "live"


def test_there_is_no_page_of_a_stream_that_is_not_there(browser: Browse) -> None:
    client = browser("viewer")
    for text in (str(ObjectId()), "nonsense"):
        assert client.get(f"/ops/live/{text}").status_code == 404
    assert client.get("/ops/live.csv?table=nonsense").status_code == 404


def test_streams_whose_host_is_gone_are_shown_all_the_same(browser: Browse, db: Database, stream: Document) -> None:
    db["users"].delete_many({})
    assert [row["host"] for row in rows(browser("viewer"))] == ["gone"]
