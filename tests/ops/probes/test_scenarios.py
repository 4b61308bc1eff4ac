"""What stories remember of answers."""

from typing import Any

import pytest

from mixillo.ops.probes.scenarios import member


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("data.order.status", "paid"),
        ("data.items.0.name", "cup"),
        ("data.items.1.name", None),
        ("data.items.name", None),
        ("data.order.status.0", None),
        ("data.0", None),
        ("nothing.at.all", None),
    ],
)
def test_a_member_is_found_by_its_path_in_objects_and_lists(path: str, found: Any) -> None:
    assert member({"data": {"order": {"status": "paid"}, "items": [{"name": "cup"}]}}, path) == found
