"""What happens to one thing before it is read is one notification; each event is told once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.notifications.services import grouping, telling
from mixillo.blueprints.notifications.services.news import names
from tests.factories.users import make_user
from tests.notifications.news import User, comment_of, like_of


def stored(db: Database, owner: User) -> list[dict[str, Any]]:
    return list(db["notifications"].find({"userId": owner["_id"]}, sort=[("createdAt", 1), ("_id", 1)]))


@pytest.fixture
def people(db: Database) -> list[User]:
    return [make_user(db, username=f"fan{number}") for number in range(13)]


@pytest.mark.parametrize(
    ("latest", "count", "expected"),
    [
        (["ada"], 1, "ada"), (["ada", "bob"], 2, "ada and bob"), (["ada"], 2, "ada and 1 other"),
        (["ada", "bob", "cy"], 13, "ada and 12 others"), ([], 1, "Somebody"), ([], 3, "3 people"),
    ],
)  # fmt: skip
def test_the_latest_is_named_and_the_others_are_counted(latest: list[str], count: int, expected: str) -> None:
    assert names(latest, count) == expected


def test_thirteen_likes_are_one_notification(app: Flask, db: Database, ada: User, people: list[User]) -> None:
    with app.app_context():
        for person in people:
            telling.tell(like_of(person, ada))
    (only,) = stored(db, ada)
    assert (only["body"], only["count"]) == ("fan12 and 12 others liked your post", 13)
    assert only["actors"] == [person["_id"] for person in people[:-4:-1]]
    assert only["senderId"] == people[-1]["_id"]


def test_what_comes_at_once_is_what_comes_one_by_one(app: Flask, db: Database, ada: User, people: list[User]) -> None:
    with app.app_context():
        telling.tell(*(like_of(person, ada) for person in people), *(like_of(person, ada) for person in people))
    (only,) = stored(db, ada)
    assert only["count"] == 13
    assert only["body"].endswith("and 12 others liked your post")


def test_liking_again_and_again_is_told_once(app: Flask, db: Database, ada: User, bob: User) -> None:
    with app.app_context():
        for _ in range(3):
            telling.tell(like_of(bob, ada))
        db["notifications"].update_many({}, {"$set": {"isRead": True}})
        telling.tell(like_of(bob, ada))
        assert [each["count"] for each in stored(db, ada)] == [1]
        db["notifications"].delete_many({})
        assert telling.tell(like_of(bob, ada)) == []


def test_what_comes_after_reading_is_a_notification_of_its_own(
    app: Flask, as_ada: FlaskClient, db: Database, ada: User, people: list[User]
) -> None:
    with app.app_context():
        (first,) = telling.tell(like_of(people[0], ada))
        assert as_ada.put(f"/api/notifications/{first['_id']}/read").status_code == 200
        telling.tell(like_of(people[1], ada), like_of(people[2], ada))
    assert [(each["count"], each["isRead"]) for each in stored(db, ada)] == [(1, True), (2, False)]


def test_a_person_who_comments_twice_counts_once_and_is_told_of_twice(
    app: Flask, db: Database, ada: User, bob: User, people: list[User]
) -> None:
    with app.app_context():
        telling.tell(comment_of(bob, ada, "One"))
        assert stored(db, ada)[0]["body"] == "bob commented: One"
        telling.tell(comment_of(bob, ada, "Two"))
        assert [(each["body"], each["count"]) for each in stored(db, ada)] == [("bob commented: Two", 1)]
        telling.tell(comment_of(people[0], ada, "Three"), comment_of(people[1], ada, "Four"))
    (only,) = stored(db, ada)
    assert (only["body"], only["count"]) == ("fan1 and 2 others commented on your post", 3)


def test_things_are_told_of_apart(app: Flask, db: Database, ada: User, bob: User) -> None:
    with app.app_context():
        telling.tell(like_of(bob, ada), like_of(bob, ada, ObjectId()))
    assert len(stored(db, ada)) == 2


def test_a_crowd_at_the_same_time_is_counted_exactly(app: Flask, db: Database, ada: User) -> None:
    crowd = [make_user(db) for _ in range(40)]

    def tell(person: User) -> None:
        with app.app_context():
            telling.tell(like_of(person, ada))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tell, crowd * 2))
    (only,) = stored(db, ada)
    assert only["count"] == 40


def test_a_notification_that_is_not_stored_is_not_known_as_told(
    app: Flask, db: Database, ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), monkeypatch.context() as patch:
        patch.setattr(grouping, "_new", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            telling.tell(like_of(bob, ada))
    with app.app_context():
        telling.tell(like_of(bob, ada))
    assert len(stored(db, ada)) == 1


def test_nobody_is_told_of_themselves_or_across_a_block(
    app: Flask, db: Database, ada: User, bob: User, people: list[User]
) -> None:
    db["blockedusers"].insert_many([
        {"userId": ada["_id"], "blockedUserId": bob["_id"]}, {"userId": people[0]["_id"], "blockedUserId": ada["_id"]},
    ])  # fmt: skip
    banned = make_user(db, status="banned")
    with app.app_context():
        told = telling.tell(*(like_of(each, ada) for each in (ada, bob, people[0], banned)), like_of(ada, banned))
    assert told == []
    assert stored(db, ada) == []


def test_what_a_probe_does_is_no_news_for_people(app: Flask, db: Database, ada: User) -> None:
    probe = make_user(db, username="probe_0123abcd_1")
    with app.app_context():
        assert telling.tell(like_of(probe, ada)) == []
