"""The feeds: ranked by a score that can be reckoned, paged without repeating, and popular by a schedule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo.blueprints.content.queries import feeding, ranking
from mixillo.blueprints.content.services import setup, showing
from mixillo.core import clock
from tests.content.test_browsing import ids, pages
from tests.factories.content import make_post
from tests.factories.users import make_follow, make_user

User = dict[str, Any]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def post(hours: float = 0, creator: ObjectId | None = None, **counters: int) -> dict[str, Any]:
    return {
        "_id": ObjectId(), "userId": creator or ObjectId(), "publishedAt": NOW - timedelta(hours=hours), **counters,
    }  # fmt: skip


def test_the_score_is_what_its_formula_says() -> None:
    creator = ObjectId()
    found = post(24, creator, likesCount=10, commentsCount=5, sharesCount=0, savesCount=0, viewsCount=80)
    assert ranking.score(found, ranking.Taste(), NOW) == pytest.approx(0.45 * 0.5 + 0.35 * 0.2)
    likes = ranking.Taste(likes={creator: 2})
    assert ranking.score(found, likes, NOW) == pytest.approx(0.45 * 0.5 + 0.35 * 0.2 + 0.2 * 0.8 * 2 / 5)
    follows = ranking.Taste(followed=frozenset({creator}), seen=frozenset({found["_id"]}))
    assert ranking.score(found, follows, NOW) == pytest.approx(0.1 * (0.45 * 0.5 + 0.35 * 0.2 + 0.2))


def test_creators_take_turns() -> None:
    loud, quiet = ObjectId(), ObjectId()
    posts = [post(n / 10, loud) for n in range(3)] + [post(12, quiet)]
    order = ranking.ranked(posts, ranking.Taste(), NOW)
    assert order == [posts[0]["_id"], posts[3]["_id"], posts[1]["_id"], posts[2]["_id"]]


def test_what_is_disliked_or_ones_own_is_left_out_and_its_creator_comes_later() -> None:
    me, creator = ObjectId(), ObjectId()
    own, disliked, other, stranger = post(0, me), post(0, creator), post(0, creator), post(20)
    taste = ranking.Taste(me, disliked=frozenset({disliked["_id"]}), disliked_creators=frozenset({creator}))
    assert ranking.ranked([own, disliked, other, stranger], taste, NOW) == [stranger["_id"], other["_id"]]


@given(
    st.lists(
        st.builds(
            lambda hours, creator, likes, views: post(
                hours, ObjectId(f"{creator:024}"), likesCount=likes, viewsCount=views
            ),
            st.floats(0, 1_000), st.integers(1, 4), st.integers(0, 9), st.integers(0, 99),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_ranking_keeps_every_post_once(posts: list[dict[str, Any]]) -> None:
    assert sorted(ranking.ranked(posts, ranking.Taste(), NOW)) == sorted(each["_id"] for each in posts)
    assert all(0 <= ranking.score(each, ranking.Taste(), NOW) <= 1 for each in posts)


def test_the_feed_shows_every_post_once_while_posts_arrive(
    as_bob: FlaskClient, client: FlaskClient, db: Database, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "LATEST_RANKED", 7)
    there = {str(make_post(db, ada if n % 2 else make_user(db))["_id"]) for n in range(17)}
    for reader in (client, as_bob):
        found, cursor = [], ""
        while True:
            data = reader.get(f"/api/feed?limit=3{cursor}").json["data"]
            found += [each["_id"] for each in data["videos"]]
            make_post(db, ada, likesCount=50)
            if not data["pagination"]["hasMore"]:
                break
            cursor = f"&cursor={data['pagination']['nextCursor']}"
        assert len(found) == len(set(found))
        assert there <= set(found)
        there |= set(found)


def test_what_is_popular_but_old_is_ranked_and_not_shown_again(
    app: Flask, client: FlaskClient, db: Database, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "LATEST_RANKED", 3)
    old = [make_post(db, ada, likesCount=99 * (n == 1), publishedAt=clock.now() - DAY) for n in range(3)]
    for _ in range(5):
        make_post(db, make_user(db))
    with app.app_context():
        assert set(setup.reckon_when_due()) == {"24h", "7d", "30d"}
    found = pages(client, "/api/feed", "videos")
    assert len(found) == len(set(found)) == 8
    assert str(old[1]["_id"]) in found[:4]


def test_what_was_shown_comes_later_the_next_time(app: Flask, as_bob: FlaskClient, db: Database, ada: User) -> None:
    posts = [str(make_post(db, make_user(db))["_id"]) for _ in range(4)]
    first = ids(as_bob, "/api/feed?limit=2", "videos")
    with app.app_context():
        showing.shown_of(app).write()
    assert set(ids(as_bob, "/api/feed?limit=2", "videos")) == set(posts) - set(first)
    assert db["contents"].find_one({"_id": ObjectId(first[0])})["impressions"] == 1


def test_those_whom_one_follows_come_first(as_bob: FlaskClient, db: Database, ada: User, bob: User) -> None:
    followed = make_post(db, ada)
    make_follow(db, bob, ada)
    for _ in range(3):
        make_post(db, make_user(db))
    assert ids(as_bob, "/api/feed/for-you", "videos")[0] == str(followed["_id"])


def test_what_one_is_not_interested_in_stays_away_until_taken_back(
    as_bob: FlaskClient, db: Database, ada: User
) -> None:
    post = make_post(db, ada)
    path = f"/api/content/{post['_id']}/not-interested"
    for _ in range(2):
        assert as_bob.post(path).status_code == 200
    assert ids(as_bob, "/api/feed", "videos") == []
    assert db["recommendationmetadatas"].find_one({})["interactions"]["notInterested"] == [post["_id"]]
    as_bob.delete(path)
    assert ids(as_bob, "/api/feed", "videos") == [str(post["_id"])]


def test_popular_is_what_much_was_done_with_lately(app: Flask, client: FlaskClient, db: Database, ada: User) -> None:
    now = clock.now()
    old = make_post(db, ada, likesCount=100, publishedAt=now - 3 * DAY)
    new = make_post(db, ada, likesCount=5, viewsCount=10)
    make_post(db, ada)
    hidden = make_post(db, ada, likesCount=900, visibility="private")
    assert client.get("/api/content/trending").json["data"] == {"content": [], "computedAt": None}
    with app.app_context():
        setup.reckon_when_due()
        assert setup.reckon_when_due() == []
    app.extensions["kept"].forget()
    assert ids(client, "/api/content/trending") == [str(new["_id"])]
    assert ids(client, "/api/feed/trending?period=7d") == [str(old["_id"]), str(new["_id"])]
    assert ids(client, "/api/content/trending?timeframe=30d&limit=1") == [str(old["_id"])]
    assert str(hidden["_id"]) not in str(client.get("/api/content/trending?timeframe=30d").json)
    assert client.get("/api/content/trending?timeframe=1y").status_code == 400


def test_a_feed_that_was_read_long_ago_ends(client: FlaskClient, db: Database, ops_db: Database, ada: User) -> None:
    for _ in range(3):
        make_post(db, ada)
    cursor = client.get("/api/feed?limit=1").json["data"]["pagination"]["nextCursor"]
    ops_db["feeds"].delete_many({})
    answer = client.get(f"/api/feed?cursor={cursor}")
    assert (answer.status_code, answer.json["code"]) == (409, "feed_ended")


def test_the_feed_of_one_is_not_continued_by_another(
    as_bob: FlaskClient, client: FlaskClient, db: Database, ada: User
) -> None:
    for _ in range(3):
        make_post(db, ada)
    cursor = as_bob.get("/api/feed?limit=1").json["data"]["pagination"]["nextCursor"]
    assert client.get(f"/api/feed?cursor={cursor}").status_code == 400


def test_an_empty_feed_is_empty(client: FlaskClient, as_bob: FlaskClient) -> None:
    for each in (client, as_bob):
        data = each.get("/api/feed").json["data"]
        assert (data["videos"], data["pagination"]["hasMore"]) == ([], False)
