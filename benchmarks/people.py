"""People of a benchmark, and what they ask the server."""

import os
import subprocess
import sys
from typing import Any

import requests

from benchmarks.server import Server

PASSWORD = "a-long-and-unguessed-phrase"
Headers = dict[str, str]


def administrator(server: Server) -> Headers:
    """Return the headers that an administrator sends."""
    person = ["--username", "bench_admin", "--email", "bench_admin@example.com", "--full-name", "Bench"]
    subprocess.run(
        [sys.executable, "-m", "mixillo.cli", "user", "create", *person, "--role", "admin", "--password-stdin"],
        env={**os.environ, "MIXILLO_DATA_DIR": str(server.data_dir)},
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    signed_in = asked(server, "/api/auth/login", {"identifier": "bench_admin", "password": PASSWORD}, {})
    return _bearer(signed_in)


def registered(server: Server, username: str) -> tuple[str, Headers]:
    """Return the id of somebody new, and the headers that they send."""
    body = {"username": username, "email": f"{username}@example.com", "password": PASSWORD, "fullName": "Bench"}
    registered = asked(server, "/api/auth/register", body, {})
    return registered["user"]["_id"], _bearer(registered)


def asked(server: Server, path: str, body: dict[str, Any], headers: Headers) -> dict[str, Any]:
    """Post ``body`` and return the answer's ``data``."""
    answer = requests.post(f"{server.url}{path}", json=body, headers=headers, timeout=30)
    answer.raise_for_status()
    data: dict[str, Any] = answer.json()["data"]
    return data


def _bearer(signed_in: dict[str, Any]) -> Headers:
    return {"Authorization": f"Bearer {signed_in['token']}"}
