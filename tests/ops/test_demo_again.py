"""The dataset ``demo`` made again is the same, but for its passwords."""

import hashlib
import time
from collections import defaultdict
from datetime import datetime
from typing import Any

import bson
import pytest

from mixillo.ops.datasets import demo
from tests.ops.demo_shape import MOMENT, PASSWORD

pytestmark = pytest.mark.xdist_group("datasets")


def test_without_a_password_each_load_tells_another_one() -> None:
    first, second = (demo.dataset(MOMENT, None).accounts[0].password for _ in range(2))
    assert len(first) >= 12
    assert first != second


def digests(moment: datetime) -> dict[str, str]:
    """Return a hash of every collection, passwords left out."""
    hashes: defaultdict[str, Any] = defaultdict(hashlib.sha256)
    for name, rows in demo.dataset(moment, PASSWORD).batches:
        for row in rows:
            hashes[name].update(bson.encode({key: each for key, each in row.items() if key != "password"}))
    return {name: each.hexdigest() for name, each in hashes.items()}


def test_the_same_moment_makes_the_same_documents_in_a_few_seconds_of_a_core() -> None:
    before = time.process_time()
    first = digests(MOMENT)
    assert digests(MOMENT) == first
    assert time.process_time() - before < 15
