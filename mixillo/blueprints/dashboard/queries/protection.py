"""The Security page: settings, secrets, limits and lifetimes in force, as tables and facts."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.queries.surroundings import Fact
from mixillo.blueprints.dashboard.services import operators, sessions
from mixillo.blueprints.dashboard.statuses import status
from mixillo.blueprints.dashboard.tables import Column, Table, number, word
from mixillo.config import Settings
from mixillo.ops.configuration import Entry
from mixillo.ops.security import Exposure, Limit
from mixillo.ops.security.secrets import ABSENT, PRESENT, STRONG, WEAK

HIDDEN = "set, not shown"
LOOKS = {ABSENT: "neutral", PRESENT: "ok", STRONG: "ok", WEAK: "down"}
EVERY_VIEW = "every view"


def _value(entry: Entry) -> str:
    if entry.secret:
        return HIDDEN if entry.present else "not set"
    return entry.value or "not set"


def _routes(limit: Limit) -> str:
    return ", ".join(limit.routes) or EVERY_VIEW


SETTINGS = (
    word("name", "Setting", lambda entry: entry.name),
    word("value", "Value", _value),
    word("source", "From", lambda entry: entry.source),
    word("meaning", "Meaning", lambda entry: entry.meaning.replace("`", "")),
)
SECRETS = (
    word("name", "Secret", lambda secret: secret.name),
    Column("state", "State", lambda secret: secret.state, lambda s: status(LOOKS[s.state], s.state), numeric=False),
    word("fault", "What is wrong", lambda secret: secret.fault),
    word("source", "From", lambda secret: secret.source if secret.state != ABSENT else ""),
    word("meaning", "What for", lambda secret: secret.meaning.replace("`", "")),
)
LIMITS = (
    word("name", "Limit", lambda limit: limit.rate.name),
    number("amount", "Requests", lambda limit: limit.rate.amount),
    Column("seconds", "Window", lambda limit: limit.rate.seconds, lambda limit: formats.duration(limit.rate.seconds)),
    word("routes", "Holds for", _routes),
)
TABLES = {"settings": (SETTINGS, "name"), "secrets": (SECRETS, "name"), "limits": (LIMITS, "")}


def table(name: str, rows: Sequence[Any], parameters: Mapping[str, str]) -> Table:
    """Return one of ``TABLES`` as the request wants it."""
    columns, order = TABLES[name]
    return Table.of(name, columns, rows, order=order, parameters=parameters)


def lifetimes(settings: Settings) -> list[Fact]:
    """Return how long what opens doors stays good."""
    spans = (
        ("Access token", timedelta(minutes=settings.access_token_minutes), "then clients refresh it"),
        ("Refresh token", timedelta(days=settings.refresh_token_days), "rotated at every use; used twice, all end"),
        ("Operator, idle", sessions.IDLE, "then the dashboard signs out"),
        ("Operator, in any case", sessions.ABSOLUTE, "then the dashboard signs out"),
        ("Password, given again", sessions.CONFIRMED_FOR, "for what cannot simply be taken back"),
        ("Set-up link", operators.LINK_LIFETIME, "works once"),
    )
    return [Fact(name, formats.duration(span), then) for name, span, then in spans]


def transport(settings: Settings, seen: Exposure, *, is_secure: bool) -> list[Fact]:
    """Return how this page came here, and with what cookie the dashboard knows its operators."""
    facts = [
        Fact("This page came by", "HTTPS" if is_secure else "HTTP", f"{settings.proxies} trusted proxies in front"),
        Fact("Address in links", settings.base_url, "MIXILLO_PUBLIC_URL" if settings.public_url else "not set"),
    ]
    cookie = seen.cookie
    if cookie is None:
        return [*facts, Fact("Cookie", "none was set", "The sign-in page did not answer as usual")]
    return [
        *facts,
        Fact("Cookie", cookie.name, f"path {cookie.path}"),
        Fact("HttpOnly", "yes" if cookie.is_http_only else "no", "No script reads it"),
        Fact("SameSite", cookie.same_site or "not set", "Other sites cannot send it along"),
        Fact("Secure", "yes" if cookie.is_secure else "no", "Only by HTTPS; always so in production"),
    ]
