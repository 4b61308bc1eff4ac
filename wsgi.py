"""The application for gunicorn; the only place that monkey-patches, before any other import."""

import os

os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", "2")  # password hashing; more threads exhaust a small instance
worker = os.environ.get("MIXILLO_WORKER") or "eventlet"
if worker == "eventlet":
    import eventlet

    eventlet.monkey_patch()
elif worker == "gevent":
    import gevent.monkey

    gevent.monkey.patch_all()

import gc
import sys

gc.disable()  # nothing of what is loaded now is ever garbage: looking for it takes a fifth of the start

from mixillo import create_app
from mixillo.config import ConfigError

CANNOT_BOOT = 3  # gunicorn gives up; any other status would have it try again for ever

try:
    app = create_app()
except ConfigError as error:
    sys.stderr.write(f"mixillo: {error}\n")
    sys.exit(CANNOT_BOOT)
gc.freeze()  # … nor to be looked through again, at every collection, by those who wait for an answer
gc.enable()
