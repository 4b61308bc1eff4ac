"""News wait at the desk until they can be told; what is too much is dropped."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from mixillo.blueprints.notifications.services import desk, telling
from tests.factories.users import make_user
from tests.notifications.news import like_of, of
from tests.waiting import wait_until

User = dict[str, Any]
Told = Callable[[], int]


def test_news_wait_while_the_database_is_away(
    app: Flask, db: Database, ada: User, bob: User, monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    def away(*_news: Any) -> None:
        raise AutoReconnect("gone")

    with app.app_context():
        desk.take(like_of(bob, ada))
    with monkeypatch.context() as patch:
        patch.setattr(telling, "tell", away)
        with pytest.raises(AutoReconnect):
            told()
        desk.desk_of(app).write_or_lose()
    assert told() == 1
    assert len(of(db, ada)) == 1


def test_one_that_cannot_be_told_does_not_keep_others_from_it(
    app: Flask, db: Database, ada: User, bob: User, told: Told
) -> None:
    class Broken:
        """No news at all."""

    with app.app_context():
        desk.take(Broken())  # type: ignore[arg-type]
        assert told() == 1
        desk.take(like_of(bob, ada))
        assert told() == 1
    assert len(of(db, ada)) == 1


def test_what_is_too_much_is_dropped_not_kept(
    app: Flask, ada: User, bob: User, monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    monkeypatch.setattr(desk, "MOST_WAITING", 3)
    with app.app_context():
        for _ in range(5):
            desk.take(like_of(bob, ada))
    assert told() == 3


def test_a_desk_that_works_alone_tells_within_a_moment(app: Flask, db: Database, ada: User, bob: User) -> None:
    alone = desk.Desk(app, works_alone=True)
    alone.take(like_of(bob, ada))
    wait_until(lambda: of(db, ada))
    wait_until(lambda: not alone._is_working)
    alone.take(like_of(make_user(db, username="cy"), ada))
    wait_until(lambda: of(db, ada)[0][2] == "cy and bob liked your post")
    wait_until(lambda: not alone._is_working)


def test_in_a_command_news_are_told_at_once(app: Flask, db: Database, ada: User, bob: User) -> None:
    desk.take(like_of(bob, ada))
    assert len(of(db, ada)) == 1
