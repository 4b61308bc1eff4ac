"""localstripe, a server that speaks Stripe's language, as a process of its own, and a listener for its web hooks."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from tests.waiting import wait_until

KEY, SECRET = "sk_test_of_nobody", "whsec_of_the_tests"
GOOD_CARD, BAD_CARD = "4242424242424242", "4000000000000341"


@dataclass
class LocalStripe:
    """Where it answers, and the web hooks that it has sent: body and signature."""

    url: str
    told: list[tuple[bytes, str]] = field(default_factory=list)

    def post(self, path: str, **form: Any) -> requests.Response:
        """Send a form as clients of Stripe do."""
        return requests.post(f"{self.url}{path}", data=form, auth=(KEY, ""), timeout=10)

    def get(self, path: str) -> dict[str, Any]:
        """Return a thing."""
        found: dict[str, Any] = requests.get(f"{self.url}{path}", auth=(KEY, ""), timeout=10).json()
        return found

    def card(self, number: str) -> str:
        """Return a means of payment."""
        card = {"card[number]": number, "card[exp_month]": 12, "card[exp_year]": 2040, "card[cvc]": 123}
        return str(self.post("/v1/payment_methods", type="card", **card).json()["id"])

    def confirm(self, intent: str) -> requests.Response:
        """Do what the payer's client does; the means of payment was given before."""
        return self.post(f"/v1/payment_intents/{intent}/confirm")


@contextmanager
def running(scratch: Path) -> Iterator[LocalStripe]:
    """Run it, with the listener registered."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "localstripe", "--from-scratch", "--port", str(port)],
        cwd=scratch,
        env={"TMPDIR": str(scratch), "HOME": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stripe = LocalStripe(f"http://127.0.0.1:{port}")
    with _listening(stripe) as hook:
        try:
            wait_until(lambda: _answers(port), 20)
            answer = requests.post(
                f"{stripe.url}/_config/webhooks/tests", data={"url": hook, "secret": SECRET}, timeout=5
            )
            assert answer.ok, answer.text
            yield stripe
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def _listening(stripe: LocalStripe) -> Iterator[str]:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            stripe.told.append((raw, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
