"""Indexes of users, follows and blocks.

The names are those that MongoDB gives by itself, so that indexes which Mongoose made in an existing database
are recognised. Usernames are unique whatever their case; e-mail addresses are stored in lower case.
"""

from pymongo.collation import Collation, CollationStrength
from pymongo.database import Database

ANY_CASE = Collation("en", strength=CollationStrength.SECONDARY)
USERNAME = "username_1_any_case"
# A list's filters first, then its order: newest first.
USER_LISTS = (("status",), ("status", "role"), ("status", "isVerified"))
NEWEST = [("createdAt", -1), ("_id", -1)]
PAIRS = (("follows", "followerId", "followingId"), ("blockedusers", "userId", "blockedUserId"))
MAIL_TOKENS = ("verificationToken", "resetPasswordToken")


def upgrade(database: Database, ops: Database) -> None:
    """Build what is missing."""
    users = database["users"]
    users.create_index("email", unique=True)
    users.create_index("username", name=USERNAME, unique=True, collation=ANY_CASE)
    for fields in USER_LISTS:
        users.create_index([(field, 1) for field in fields] + NEWEST)
    for field in MAIL_TOKENS:
        users.create_index(field, sparse=True)
    # A collection has one text index at most: Mongoose's, where there is one, serves as well.
    if not any("textIndexVersion" in index for index in users.index_information().values()):
        users.create_index([("username", "text"), ("fullName", "text"), ("bio", "text")], default_language="none")
    for name, one, other in PAIRS:
        database[name].create_index([(one, 1), (other, 1)], unique=True)
        for field in (one, other) if name == "follows" else (one,):
            database[name].create_index([(field, 1), *NEWEST])
    database["blockedusers"].create_index([("blockedUserId", 1), ("userId", 1)])


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration adds to the existing system's own indexes, which stay."""
    added = {
        "users": [USERNAME, *(_name(*fields) for fields in USER_LISTS), *(f"{field}_1" for field in MAIL_TOKENS)],
        "follows": [_name("followerId"), _name("followingId")],
        "blockedusers": ["userId_1_blockedUserId_1", _name("userId"), "blockedUserId_1_userId_1"],
    }
    for collection, names in added.items():
        for name in set(names) & set(database[collection].index_information()):
            database[collection].drop_index(name)


def _name(*fields: str) -> str:
    return "_".join([*(f"{field}_1" for field in fields), "createdAt_-1", "_id_-1"])
