"""What the probe's people were told goes with them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.notifications.services import desk
from mixillo.ops.probes import accounts as probe_accounts
from mixillo.ops.probes.accounts import InDatabase
from tests.notifications.news import like_of


def test_news_that_come_while_the_probes_people_are_removed_are_told_to_nobody(
    app: Flask, db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch, told: Callable[[], int]
) -> None:
    accounts = InDatabase(db, ops_db)
    for _ in range(2):
        accounts.make("user")
    one, other = db["users"].find()
    people_go = probe_accounts._guesses_at

    def tell_just_before(people: list[dict[str, Any]]) -> dict[str, str]:
        with app.app_context():
            desk.take(like_of(one, other))
        assert told() == 1
        return people_go(people)

    monkeypatch.setattr(probe_accounts, "_guesses_at", tell_just_before)
    accounts.remove()
    assert db["users"].count_documents({}) == 0
    assert db["notifications"].count_documents({}) == 0
