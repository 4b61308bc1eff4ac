"""Indexes of the dashboard's own collections: operators, their sessions, set-up links, the audit log."""

from pymongo.database import Database

ANY_CASE = {"locale": "en", "strength": 2}


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    ops["operators"].create_index("username", name="username", unique=True, collation=ANY_CASE)
    ops["operatorsessions"].create_index("expiresAt", name="expires", expireAfterSeconds=0)
    ops["operatorsessions"].create_index("operatorId", name="operator")
    ops["setuplinks"].create_index("expiresAt", name="expires", expireAfterSeconds=0)
    ops["auditlog"].create_index([("createdAt", -1)], name="newest")


def downgrade(database: Database, ops: Database) -> None:
    """Drop the indexes; the documents stay."""
    for collection, indexes in (
        ("operators", ("username",)),
        ("operatorsessions", ("expires", "operator")),
        ("setuplinks", ("expires",)),
        ("auditlog", ("newest",)),
    ):
        existing = ops[collection].index_information()
        for name in indexes:
            if name in existing:
                ops[collection].drop_index(name)
