"""gunicorn's settings. Imports no application code: what it imported would not be monkey-patched."""

import os
from pathlib import Path

_worker = os.environ.get("MIXILLO_WORKER") or "eventlet"

bind = f"{os.environ.get('MIXILLO_HOST') or '0.0.0.0'}:{os.environ.get('PORT') or 5000}"  # noqa: S104  a container's port
worker_class = _worker
# Flask-SocketIO's own rule: clients must come back to the process that knows them. More instances, not workers.
workers = 1
worker_connections = 4000
threads = 100 if _worker == "gthread" else 1
timeout = 60
graceful_timeout = 8  # of Cloud Run's ten seconds
keepalive = 75
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  heartbeats must not wait for a disk
loglevel = "warning"
accesslog = None
