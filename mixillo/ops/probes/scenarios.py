"""What no single operation shows: stories of several steps, written as data, which features declare."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from mixillo.ops.probes.accounts import FULL_NAME, LOGIN, ME, REGISTER, Account

REFRESH, LOGOUT = "/api/auth/refresh", "/api/auth/logout"
Memory = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One request of a story.

    ``as_user`` sends the remembered token, ``identity`` that of somebody of the run. ``path`` is that of the operation;
    its parameters, and values in ``body`` (``$password``), are remembered ones. ``keeps`` remembers members of the
    answer by their path (``data.token``); ``shows`` are members that must equal what is remembered or stands there.
    """

    name: str
    method: str
    path: str
    expected: int
    as_user: bool = False
    identity: str = ""
    query: str = ""
    body: dict[str, Any] | None = None
    keeps: dict[str, str] = field(default_factory=dict)
    shows: dict[str, Any] = field(default_factory=dict)


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


_declared: dict[str, Scenario] = {scenario.name: scenario for scenario in SCENARIOS}


def declare(scenario: Scenario) -> None:
    """Let every run tell ``scenario``."""
    _declared[scenario.name] = scenario


def declared() -> list[Scenario]:
    """Return every scenario, in the order in which they were declared."""
    return list(_declared.values())


def remembered(account: Account) -> Memory:
    """Return what a story about ``account`` knows at its beginning."""
    return {
        "$username": account.username,
        "$email": account.email,
        "$password": account.password,
        "$wrongPassword": account.password[::-1] + "?",
    }


def filled(body: Any, memory: Memory) -> Any:
    """Return ``body`` with remembered values in the place of their names."""
    if isinstance(body, dict):
        return {name: filled(value, memory) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(value, memory) for value in body]
    return memory.get(body, body) if isinstance(body, str) else body


def address(step: Step, memory: Memory) -> str:
    """Return the path of ``step`` with remembered values in the place of its parameters, and its query."""
    path = re.sub(r"\{(.+?)\}", lambda named: quote(str(memory.get(f"${named[1]}")), safe=""), step.path)
    return f"{path}?{step.query}" if step.query else path


def keep(step: Step, body: Any, memory: Memory) -> None:
    """Remember what ``step`` keeps of its answer's ``body``."""
    memory |= {f"${name}": member(body, path) for name, path in step.keeps.items()}


def differences(step: Step, body: Any, memory: Memory) -> Iterator[str]:
    """Yield a sentence for each member of the answer that is not what it should show, or is not there to be kept."""
    yield from (f"{path} is missing" for path in step.keeps.values() if member(body, path) is None)
    for path, wanted in step.shows.items():
        if member(body, path) != filled(wanted, memory):
            yield f"{path} is not {'what it was' if str(wanted).startswith('$') else wanted}"


def member(body: Any, path: str) -> Any:
    """Return the member of ``body`` at ``path`` (``data.items.0.name``), ``None`` where there is none."""
    for name in path.split("."):
        if isinstance(body, list) and name.isdecimal():
            body = dict(enumerate(body)).get(int(name))
        else:
            body = body.get(name) if isinstance(body, dict) else None
    return body
