"""JSON is read strictly and written as the API promises."""

import json as standard
from datetime import UTC, datetime, timedelta, timezone

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from mixillo.core import json

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(texts, children, max_size=4),
    max_leaves=20,
)


@given(documents)
def test_what_was_written_is_read_again(document: object) -> None:
    assert json.loads(json.dumps(document)) == document


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_but_never_crash(raw: bytes) -> None:
    try:
        value = json.loads(raw)
    except ValueError:
        return
    assert standard.loads(raw) == value


@pytest.mark.parametrize(
    "raw", [b'{"a": NaN}', b"-Infinity", b'{"a": 1, "a": 2}', b'"\\udfff"', b'{"\\u0000": 1}', b"1e999"]
)
def test_what_other_parsers_let_through_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  any reason will do
        json.loads(raw)


def test_moments_are_utc_with_milliseconds() -> None:
    moment = datetime(2026, 1, 31, 13, 0, 0, 5000, tzinfo=timezone(timedelta(hours=1)))
    assert json.dumps({"at": moment}) == b'{"at":"2026-01-31T12:00:00.005Z"}'
    assert json.dumps(datetime(2026, 1, 31, tzinfo=UTC)) == b'"2026-01-31T00:00:00.000Z"'


def test_ids_are_strings() -> None:
    assert json.dumps(ObjectId("64b7f3a2c9e77a0012ab34cd")) == b'"64b7f3a2c9e77a0012ab34cd"'
