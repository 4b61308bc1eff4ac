"""Every live event is in the catalogue, and the catalogue is what the documentation says."""

from pathlib import Path

from flask import Flask

from mixillo.core import events
from mixillo.core.realtime import asking

PAGE = Path(__file__).parents[2] / "docs" / "events.md"


def test_the_documentation_lists_every_event_with_its_payload(app: Flask) -> None:
    assert events.as_markdown() in PAGE.read_text("utf-8")


def test_the_documentation_lists_everything_that_clients_may_send(app: Flask) -> None:
    assert asking.as_markdown() in PAGE.read_text("utf-8")


def test_everything_that_clients_may_send_says_what_it_does(app: Flask) -> None:
    assert asking.CATALOGUE
    for question in asking.CATALOGUE.values():
        assert question.does
        assert question.work.__doc__
        assert question.schema.__doc__


def test_every_event_says_who_hears_it_and_when(app: Flask) -> None:
    assert events.CATALOGUE
    for event in events.CATALOGUE.values():
        assert event.hearers
        assert event.when
        assert event.schema.__doc__
        assert event.schema().fields
