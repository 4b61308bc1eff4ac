"""What posts need of the application: counting views, publishing in time, reckoning what is popular."""

from flask import Flask

from mixillo.blueprints.content.queries import trending
from mixillo.blueprints.content.services import composing, showing, viewing
from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.ops import upkeep


def init_app(app: Flask) -> None:
    """Set it up for ``app``."""
    viewing.init_app(app)
    showing.init_app(app)
    upkeep.every(app, upkeep.MINUTE, "content.publishing", lambda: composing.publish_due(clock.now()))
    upkeep.every(app, upkeep.MINUTE, "content.trending", reckon_when_due)


def reckon_when_due() -> list[str]:
    """Reckon what is popular in the periods whose figures are too old, and return these; one instance does it."""
    ops, now, done = ops_database()[trending.COLLECTION], clock.now(), []
    for name, period in trending.PERIODS.items():
        # Whoever sets the moment reckons; the others find it fresh.
        due = {"_id": name, "claimedAt": {"$gt": now - period.every}}
        if ops.find_one(due, {"_id": 1}):
            continue
        old = ops.find_one_and_update({"_id": name}, {"$set": {"claimedAt": now}}, upsert=True)
        if old and old.get("claimedAt") and old["claimedAt"] > now - period.every:
            continue
        ops.update_one({"_id": name}, {"$set": {"computedAt": now, "contents": trending.reckon(name, now)}})
        done.append(name)
    return done
