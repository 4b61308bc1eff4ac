"""Metrics in the application: count every answer, flush in time."""

import time

from flask import Flask, Request, Response, g, request

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.ops import revisions
from mixillo.ops.metrics.flushing import Flusher
from mixillo.ops.metrics.groups import UNMATCHED
from mixillo.ops.metrics.recording import Recorder
from mixillo.ops.metrics.storing import Instance

RECORDER, FLUSHER = "metrics", "metrics_flusher"


def init_app(app: Flask, settings: Settings) -> None:
    """Count every request of ``app``; call it right after the logs, so that both see the same answers.

    Tests flush by themselves; everywhere else it happens while requests are answered.
    """
    recorder = Recorder()
    instance = Instance(clock.random_token(9), revisions.name_of(settings), clock.now())
    flusher = Flusher(recorder, ops_database, instance, revisions.introduce(settings))
    app.extensions[RECORDER], app.extensions[FLUSHER] = recorder, flusher
    if not settings.metrics:
        return
    flushes_by_itself = not app.config["TESTING"]

    @app.after_request
    def count(response: Response) -> Response:
        finished = time.perf_counter()
        milliseconds = (finished - g.get("started", finished)) * 1000
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # one look-up instead of three
        rule = asked.url_rule.rule if asked.url_rule else UNMATCHED
        if recorder.count(rule, asked.method, response.status_code, milliseconds):
            recorder.sample(rule, asked.method, response.status_code, milliseconds, g.get("request_id", ""))
        if flushes_by_itself:
            flusher.nudge()
        return response


def recorder_of(app: Flask) -> Recorder:
    """Return what counts the requests of ``app``."""
    found: Recorder = app.extensions[RECORDER]
    return found


def flusher_of(app: Flask) -> Flusher:
    """Return what stores the counts of ``app``."""
    found: Flusher = app.extensions[FLUSHER]
    return found
