"""What the application does by itself once in a while, beside the answers."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask

from mixillo.ops import metrics

log = structlog.get_logger(__name__)
MINUTE = 60.0


def every(app: Flask, seconds: float, name: str, work: Callable[[], Any]) -> None:
    """Call ``work`` every ``seconds``, after a flush of the metrics of ``app``, on each instance.

    What it raises is logged under ``name``; it is tried again the next time.
    """
    due_at = 0.0

    def look() -> None:
        nonlocal due_at
        if time.monotonic() < due_at:
            return
        due_at = time.monotonic() + seconds
        try:
            with app.app_context():
                work()
        except Exception as error:
            log.warning("upkeep_failed", upkeep=name, exc_info=error)

    metrics.flusher_of(app).afterwards.append(look)
