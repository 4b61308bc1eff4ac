"""Whatever is killed in the middle of a stream of events: what was acknowledged is in the database, once."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
import requests

from mixillo.blueprints.analytics.services.recording import id_of
from tests.system.conftest import Serve
from tests.system.served import Served
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
SENDERS, BATCH = 4, 100


class Stream:
    """Senders that go on, whatever they are told, and remember what was acknowledged."""

    def __init__(self, server: Served) -> None:
        self.acknowledged: list[str] = []
        self._server = server
        self._stop = threading.Event()

    def send(self, sender: int) -> None:
        session = requests.Session()
        for number in count():
            if self._stop.is_set():
                return
            ids = [f"{sender}-{number}-{place}" for place in range(BATCH)]
            body = {"events": [{"eventId": each, "eventType": "page_view"} for each in ids]}
            try:
                answer = session.post(f"{self._server.url}/api/events", json=body, timeout=10)
            except requests.RequestException:
                continue
            assert answer.status_code in (202, 503), answer.text
            if answer.status_code == 202:
                self.acknowledged += ids

    def stop(self) -> None:
        self._stop.set()


@pytest.mark.parametrize("victim", ["everything", "worker", "database"])
def test_no_acknowledged_event_is_lost(serve: Serve, victim: str) -> None:
    server = serve("--dataset", "none", MIXILLO_RATE_LIMIT="off").wait_until_ready()
    stream = Stream(server)
    with ThreadPoolExecutor(SENDERS) as pool:
        senders = [pool.submit(stream.send, number) for number in range(SENDERS)]
        wait_until(lambda: len(stream.acknowledged) >= 20 * BATCH, 30)
        if victim == "everything":
            assert server.stop(signal.SIGTERM) == 0
        else:
            os.kill(server.worker_pid if victim == "worker" else server.mongod_pid, signal.SIGKILL)
        stream.stop()
        for sender in senders:
            sender.result(60)
    server.stop()
    again = serve("--dataset", "none").wait_until_ready()
    with again.client() as client:
        stored = {event["_id"] for event in client["mixillo"]["eventtrackings"].find({}, {"_id": 1})}
    assert len(stream.acknowledged) == len(set(stream.acknowledged))
    lost = {each for each in stream.acknowledged if id_of(each, None) not in stored}
    assert not lost, f"{len(lost)} of {len(stream.acknowledged)}"
