"""The Socket.IO client that browsers and apps use, against the real server."""

import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.system.conftest import Serve

pytestmark = pytest.mark.slow
FOLDER = Path(__file__).parent / "js"
SECONDS = 20

if shutil.which("node") is None or not (FOLDER / "node_modules").is_dir():
    pytest.skip("needs node and tests/install.sh", allow_module_level=True)


@contextmanager
def client(url: str, token: str, transport: str) -> Iterator["queue.Queue[dict[str, Any]]"]:
    """Run the client and yield what it tells."""
    told: queue.Queue[dict[str, Any]] = queue.Queue()
    process = subprocess.Popen(
        ["node", "client.js", url, token, transport], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )

    def read() -> None:
        assert process.stdout
        for line in process.stdout:
            told.put(json.loads(line))

    reader = threading.Thread(target=read)
    with process:
        reader.start()
        try:
            yield told
        finally:
            assert process.stdin
            process.stdin.close()
            reader.join()


@pytest.mark.parametrize("worker", ["eventlet", "gevent", "gthread"])
def test_it_connects_by_both_transports_and_comes_back_after_a_stop(serve: Serve, worker: str) -> None:
    server = serve("--dataset", "none", MIXILLO_WORKER=worker).wait_until_ready()
    token = server.register("hedy")["token"]
    with client(server.url, token, "websocket") as by_websocket, client(server.url, token, "polling") as by_polling:
        assert by_websocket.get(timeout=SECONDS) == {"event": "connect", "detail": "websocket"}
        assert by_polling.get(timeout=SECONDS) == {"event": "connect", "detail": "polling"}
        os.kill(server.worker_pid, signal.SIGTERM)
        for told in (by_websocket, by_polling):
            assert told.get(timeout=SECONDS)["event"] == "disconnect"
            while (event := told.get(timeout=SECONDS))["event"] != "connect":
                assert event["event"] == "connect_error"


def test_a_bad_token_is_told_why(serve: Serve) -> None:
    server = serve("--dataset", "none").wait_until_ready()
    with client(server.url, "nonsense", "websocket") as told:
        refused = told.get(timeout=SECONDS)
    assert refused["event"] == "connect_error"
    assert refused["detail"]["code"] == "INVALID_TOKEN"
