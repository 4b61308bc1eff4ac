"""What no single operation shows: stories of several steps, written as data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mixillo.ops.probes.accounts import FULL_NAME, LOGIN, ME, REGISTER, Account

REFRESH, LOGOUT = "/api/auth/refresh", "/api/auth/logout"
Memory = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One request of a story.

    ``as_user`` sends the remembered token; ``body`` may name remembered values (``$password``). ``keeps``
    remembers members of the answer by their path (``data.token``); ``shows`` are members that must equal
    remembered values.
    """

    name: str
    method: str
    path: str
    expected: int
    as_user: bool = False
    body: dict[str, str] | None = None
    keeps: dict[str, str] = field(default_factory=dict)
    shows: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """A story in a module; when a step fails, those after it cannot be told."""

    module: str
    name: str
    steps: tuple[Step, ...]


TOKENS = {"token": "data.token", "refreshToken": "data.refreshToken"}
WHO = {"data.user.username": "$username"}
SCENARIOS = (
    Scenario(
        "auth",
        "register → sign in → refresh → sign out",
        (
            Step(
                "register", "POST", REGISTER, 201, keeps=TOKENS, shows=WHO,
                body={"username": "$username", "email": "$email", "password": "$password", "fullName": FULL_NAME},
            ),
            Step("who am I, as registered", "GET", ME, 200, as_user=True, shows=WHO),
            Step("sign in with a wrong password", "POST", LOGIN, 401,
                 body={"identifier": "$email", "password": "$wrongPassword"}),
            Step("sign in by e-mail address", "POST", LOGIN, 200, keeps=TOKENS, shows=WHO,
                 body={"identifier": "$email", "password": "$password"}),
            Step("who am I, as signed in", "GET", ME, 200, as_user=True, shows=WHO),
            Step("refresh", "POST", REFRESH, 200, body={"refreshToken": "$refreshToken"}, keeps=TOKENS),
            Step("who am I, as refreshed", "GET", ME, 200, as_user=True, shows=WHO),
            Step("sign out", "POST", LOGOUT, 200, as_user=True, body={}),
            Step("signed out means signed out", "GET", ME, 401, as_user=True),
            Step("no refreshing afterwards", "POST", REFRESH, 401, body={"refreshToken": "$refreshToken"}),
        ),
    ),
)  # fmt: skip


def remembered(account: Account) -> Memory:
    """Return what a story about ``account`` knows at its beginning."""
    return {
        "$username": account.username,
        "$email": account.email,
        "$password": account.password,
        "$wrongPassword": account.password[::-1] + "?",
    }


def filled(body: dict[str, str] | None, memory: Memory) -> dict[str, Any] | None:
    """Return ``body`` with remembered values in the place of their names."""
    return None if body is None else {name: memory.get(value, value) for name, value in body.items()}


def keep(step: Step, body: Any, memory: Memory) -> None:
    """Remember what ``step`` keeps of its answer's ``body``."""
    memory |= {f"${name}": member(body, path) for name, path in step.keeps.items()}


def differences(step: Step, body: Any, memory: Memory) -> Iterator[str]:
    """Yield a sentence for each member of the answer that is not what it should show."""
    for path, name in step.shows.items():
        if member(body, path) != memory.get(name):
            yield f"{path} is not that of the account that asks"


def member(body: Any, path: str) -> Any:
    """Return the member of ``body`` at ``path`` (``data.user.username``), ``None`` where there is none."""
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body
