"""Metrics in the application: count every answer, look at the sockets, flush in time."""

import time
from typing import Any

from flask import Flask, Request, Response, g, request

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.core.realtime.figures import beaten
from mixillo.ops import revisions
from mixillo.ops.metrics.flushing import Flusher
from mixillo.ops.metrics.groups import UNMATCHED
from mixillo.ops.metrics.recording import Recorder
from mixillo.ops.metrics.sockets import CAPS, Sampler
from mixillo.ops.metrics.storing import Instance

RECORDER, FLUSHER, SOCKETS = "metrics", "metrics_flusher", "socket_figures"


def init_app(app: Flask, settings: Settings) -> None:
    """Count every request of ``app``; call it right after the logs, so that both see the same answers.

    Tests flush by themselves; everywhere else it happens while requests are answered.
    """
    recorder = Recorder()
    instance = Instance(clock.random_token(9), revisions.name_of(settings), clock.now())
    flusher = Flusher(recorder, ops_database, instance, revisions.introduce(settings))
    sampler = Sampler(instance, CAPS[settings.worker])
    flusher.afterwards.append(lambda: sampler.store(ops_database()))
    flusher.at_the_end.append(lambda: sampler.store(ops_database()))
    app.extensions[RECORDER], app.extensions[FLUSHER], app.extensions[SOCKETS] = recorder, flusher, sampler
    if not settings.metrics:
        return
    flushes_by_itself = not app.config["TESTING"]
    if flushes_by_itself:
        _flush_with_sockets(app, flusher)

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


def _flush_with_sockets(app: Flask, flusher: Flusher) -> None:
    """Flush while there are sockets, too: a process may have these and no requests."""

    def nudge(_sender: Any) -> None:
        flusher.nudge()

    app.extensions["flush_with_sockets"] = nudge  # the signal alone would let go of it
    beaten.connect(nudge)


def recorder_of(app: Flask) -> Recorder:
    """Return what counts the requests of ``app``."""
    found: Recorder = app.extensions[RECORDER]
    return found


def flusher_of(app: Flask) -> Flusher:
    """Return what stores the counts of ``app``."""
    found: Flusher = app.extensions[FLUSHER]
    return found


def sampler_of(app: Flask) -> Sampler:
    """Return what looks at the sockets of ``app``."""
    found: Sampler = app.extensions[SOCKETS]
    return found
