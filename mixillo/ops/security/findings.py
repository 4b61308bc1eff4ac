"""What should be changed about the configuration in force, the worst first, each with what to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mixillo.config import SANDBOX, Settings
from mixillo.ops.security.exposure import STRANGER, Exposure
from mixillo.ops.security.secrets import LOCAL_HOSTS, is_open_database

DOWN, DEGRADED = "down", "degraded"
LONGEST_ACCESS_MINUTES = 60
REAL_MONEY, PLAY_MONEY = "sk_live_", "sk_test_"  # how Stripe's keys begin


@dataclass(frozen=True)
class Finding:
    """Something to change: how bad (``down`` or ``degraded``), what it is, and what to do."""

    state: str
    what: str
    advice: str


def findings(
    settings: Settings, seen: Exposure, *, is_secure: bool, is_forwarded: bool, tried: Mapping[str, Any] | None = None
) -> list[Finding]:
    """Return what should be changed.

    ``is_secure`` and ``is_forwarded`` say how the request of the moment came: by HTTPS, and with the address of
    somebody it was forwarded for. ``tried`` is the result of the last trial of the rate limit.
    """
    found = [
        *_secrets(settings),
        *_limits(settings, tried),
        *_headers(seen),
        *_origins(seen, settings),
        *_way(settings, is_secure=is_secure, is_forwarded=is_forwarded),
        *_reach(settings),
        *_payments(settings),
    ]
    return sorted(found, key=lambda finding: finding.state != DOWN)


def _secrets(settings: Settings) -> Iterator[Finding]:
    for name, fault in settings.secret_faults():
        yield Finding(DOWN, f"{name} {fault}", f"Set another one, for example from openssl rand -hex 32: {name}=…")
    if is_open_database(settings.mongodb_uri):
        yield Finding(
            DOWN, "the database on another machine is reached without a password", "Put a user into MONGODB_URI."
        )
    if settings.access_token_minutes > LONGEST_ACCESS_MINUTES:
        yield Finding(
            DEGRADED,
            f"an access token is good for {settings.access_token_minutes} minutes",
            f"Set MIXILLO_ACCESS_TOKEN_MINUTES to {LONGEST_ACCESS_MINUTES} or less; clients refresh by themselves.",
        )


def _limits(settings: Settings, tried: Mapping[str, Any] | None) -> Iterator[Finding]:
    if settings.rate_limit == "off":
        yield Finding(DOWN, "requests are not limited", "Set MIXILLO_RATE_LIMIT, for example to 300/minute.")
    elif tried and not tried["refused"]:
        yield Finding(
            DOWN,
            f"the rate limit did not refuse: status {tried['status']} after {tried['counted']} requests",
            "Try again; if it stays so, see the log for rate_limit_store_lost.",
        )
    if settings.service and not settings.redis_url:
        yield Finding(DEGRADED, "every instance counts rate limits for itself", "Set REDIS_URL, so that they add up.")


def _headers(seen: Exposure) -> Iterator[Finding]:
    for header in seen.headers:
        if header.missing:
            kinds = " and ".join(header.missing)
            yield Finding(DEGRADED, f"{header.name} was not sent with {kinds}", "A proxy or a change dropped it.")
        if any("unsafe-" in (value or "") for value in header.sent.values()):
            yield Finding(DOWN, f"{header.name} allows inline scripts", "Take what is unsafe out of the policy.")
    if seen.cookie and not (seen.cookie.is_http_only and seen.cookie.same_site == "Strict"):
        yield Finding(DOWN, "the dashboard's cookie can be read or sent by others", "It needs HttpOnly and SameSite.")


def _origins(seen: Exposure, settings: Settings) -> Iterator[Finding]:
    if seen.preflights.get(STRANGER):
        yield Finding(DOWN, "any site may call the API from a browser", "List the origins in CORS_ORIGINS.")
    for origin in settings.cors_origins:
        if not seen.preflights.get(origin, True):
            yield Finding(DEGRADED, f"{origin} is allowed, and was refused", "Compare CORS_ORIGINS with its address.")
        if settings.is_production and origin.startswith("http://"):
            yield Finding(DEGRADED, f"{origin} is let in without HTTPS", "List its https address in CORS_ORIGINS.")


def _way(settings: Settings, *, is_secure: bool, is_forwarded: bool) -> Iterator[Finding]:
    if settings.is_production and not is_secure:
        yield Finding(
            DOWN,
            "this page came without HTTPS",
            "Put HTTPS in front; if it is there, set MIXILLO_TRUSTED_PROXIES so that its word is believed.",
        )
    if settings.is_production and not settings.base_url.startswith("https://"):
        yield Finding(DEGRADED, "links in mail lead to plain HTTP", "Set MIXILLO_PUBLIC_URL to the https address.")
    if is_forwarded and not settings.proxies:
        yield Finding(
            DEGRADED,
            "a proxy forwards requests, and everybody counts as one address",
            "Set MIXILLO_TRUSTED_PROXIES to how many proxies are in front.",
        )
    if settings.proxies and not is_forwarded:
        yield Finding(
            DEGRADED,
            "proxies are believed, and this request came past them",
            "Who reaches this port directly can claim any address: close it, or lower MIXILLO_TRUSTED_PROXIES.",
        )


def _reach(settings: Settings) -> Iterator[Finding]:
    if not settings.is_production and settings.host not in LOCAL_HOSTS:
        yield Finding(
            DEGRADED,
            f"this is {settings.environment}, and it listens on {settings.host}",
            "Where others can reach it, set NODE_ENV=production: weak secrets stop the start, and cookies need HTTPS. "
            "On a machine of one's own, set MIXILLO_HOST=127.0.0.1.",
        )
    if settings.is_production and not settings.alert_urls:
        yield Finding(DEGRADED, "nobody is told of alerts", "Set ALERT_URLS, then run mixillo alerts test.")
    if settings.is_production and not settings.smtp_url:
        yield Finding(
            DEGRADED, "no mail can be sent", "Set SMTP_URL: passwords are reset and addresses verified by mail."
        )


def _payments(settings: Settings) -> Iterator[Finding]:
    key = settings.stripe_secret_key
    if settings.is_production and settings.payments_by == SANDBOX:
        yield Finding(
            DOWN,
            "whoever buys something completes the payment themselves, without money",
            "Set MIXILLO_PAYMENT_PROVIDER=stripe with its keys, or unset it to sell nothing.",
        )
    if settings.is_production and key.startswith(PLAY_MONEY):
        yield Finding(DOWN, "payments are made with Stripe's test cards", "Set STRIPE_SECRET_KEY to the live key.")
    if not settings.is_production and key.startswith(REAL_MONEY):
        yield Finding(
            DEGRADED, f"this is {settings.environment}, and it takes real money", "Set STRIPE_SECRET_KEY to a test key."
        )
