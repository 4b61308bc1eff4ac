"""Credentials."""

from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.users.services import accounts
from tests.factories.users import PASSWORD_HASH, make_user


def test_only_the_hash_that_was_checked_is_replaced(app: Flask, db: Database) -> None:
    ada = make_user(db)
    assert accounts.replace_password(ada["_id"], PASSWORD_HASH, "second")
    assert not accounts.replace_password(ada["_id"], PASSWORD_HASH, "third")
    assert db["users"].find_one()["password"] == "second"
