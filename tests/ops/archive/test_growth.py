"""Growth is told per day, once there are two samples."""

from datetime import timedelta

from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops import growth
from tests.ops.archive.events import EVENTS


def test_growth_needs_two_samples_a_day_apart(database: Database, ops: Database) -> None:
    assert growth.growth(ops) == []
    assert growth.is_due(ops)
    sample = growth.take(database, ops)
    assert not growth.is_due(ops)
    assert [each["collection"] for each in sample["archivable"]] == [EVENTS]
    rows = growth.growth(ops)
    assert {row.documents_per_day for row in rows} == {None}
    assert growth.total(rows) is None
    assert ops.growthsamples.count_documents({}) == 1
    assert growth.take(database, ops)["_id"] == sample["_id"], "one sample a day"
    assert growth.latest(ops) is not None


def test_growth_is_per_day_over_the_period(database: Database, ops: Database) -> None:
    now = clock.now()

    def sampled(days_ago: float, **counts: int) -> None:
        rows = [
            {"name": name, "documents": n, "sizeBytes": n * 10, "storageBytes": 0, "indexBytes": 0}
            for name, n in counts.items()
        ]
        ops.growthsamples.insert_one({"takenAt": now - timedelta(days=days_ago), "collections": rows})

    sampled(40, likes=0)
    sampled(20, likes=100, gone=5)
    sampled(10, likes=150, views=10)
    sampled(0, likes=300, views=0, new=7)
    rows = {row.collection: row for row in growth.growth(ops, 30)}
    assert {name: row.documents_per_day for name, row in rows.items()} == {"likes": 10.0, "views": -1.0, "new": None}
    assert (rows["likes"].bytes_per_day, rows["likes"].documents) == (100.0, 300)
    assert next(iter(rows)) == "likes"
    assert growth.total(rows.values()) == (9.0, 90.0)
    assert {row.documents_per_day for row in growth.growth(ops, 15) if row.collection == "likes"} == {15.0}
