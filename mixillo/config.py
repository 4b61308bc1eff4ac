"""Settings from the environment: typed, checked once, documented by themselves.

Each field of :class:`Settings` names its environment variable, its parser and its meaning; the table in
``docs/configuration.md`` is checked against them.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

DEVELOPMENT, TEST, PRODUCTION = "development", "test", "production"
WORKERS = ("eventlet", "gevent", "gthread")
SANDBOX, STRIPE = PROVIDERS = ("sandbox", "stripe")
MINIMUM_SECRET_LENGTH = 32
KNOWN_SECRETS = re.compile(r"change.?me|your.?|default|example|password|secret.?key|jwt.?secret|123456", re.I)


class ConfigError(Exception):
    """The environment does not hold a usable configuration; ``problems`` has a sentence for each fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def integer(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from ``minimum`` to ``maximum``."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d+", text) or not minimum <= int(text) <= maximum:
            raise ValueError(f"must be a whole number from {minimum} to {maximum}")
        return int(text)

    return parse


def choice(*allowed: str) -> Callable[[str], str]:
    """Return a parser of one of the ``allowed`` words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return parse


def url(*schemes: str) -> Callable[[str], str]:
    """Return a parser of URLs with one of ``schemes``."""

    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.netloc:
            raise ValueError(f"must be a URL that starts with {' or '.join(f'{s}://' for s in schemes)}")
        return text

    return parse


def address_with_port(text: str) -> str:
    """Parse the URL of a server, whose port has to be in it."""
    if not urlsplit(url("http", "https")(text)).port:
        raise ValueError("must name its port, such as https://search.example.com:9200")
    return text


def origins(text: str) -> tuple[str, ...]:
    """Parse a comma-separated list of origins (scheme and host); ``*`` is refused."""
    found = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise ValueError("must be a comma-separated list of origins such as https://app.example.com")
    return found


def addresses(text: str) -> tuple[str, ...]:
    """Parse a list of URLs of any scheme, separated by commas or spaces; a comma inside a URL is part of it."""
    found = tuple(re.split(r"[\s,]+(?=[a-z][\w+.-]*://)", text.strip(" ,"), flags=re.I))
    if not all("://" in part for part in found):
        raise ValueError("must be a list of URLs such as json://alerts.example.com/hook")
    return found


def on_off(text: str) -> bool:
    """Parse ``on`` or ``off``."""
    return choice("on", "off")(text) == "on"


def short_name(text: str) -> str:
    """Parse a name that may stand in a URL: up to 20 small letters and digits."""
    if not re.fullmatch(r"[a-z0-9]{1,20}", text):
        raise ValueError("must be up to 20 small letters and digits, such as one")
    return text


def words(text: str) -> str:
    """Accept any text."""
    return text


def rate(text: str) -> str:
    """Parse a rate such as ``300/minute``, or ``off``."""
    if text != "off" and not re.fullmatch(r"\d+/(second|minute|hour|day)", text):
        raise ValueError("must be off or a rate such as 300/minute")
    return text


def price(text: str) -> Decimal:
    """Parse an amount above zero with at most six decimals."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or number <= 0 or number != round(number, 6):
        raise ValueError("must be an amount above zero with at most six decimals, such as 0.01")
    return number


def amount(text: str) -> Decimal:
    """Parse an amount of money, which may be nothing, with at most two decimals."""
    if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", text):
        raise ValueError("must be an amount with at most two decimals, such as 5.99")
    return Decimal(text)


def percent(text: str) -> Decimal:
    """Parse a percentage from 0 to 100 with at most three decimals."""
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text) or Decimal(text) > 100:
        raise ValueError("must be a percentage from 0 to 100, such as 19 or 7.7")
    return Decimal(text)


def country(text: str) -> str:
    """Parse the two letters of a country (ISO 3166), in capitals."""
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError("must be the two capital letters of a country, such as DE")
    return text


def setting(name: str, default: Any, parse: Callable[[str], Any], meaning: str, *, secret: bool = False) -> Any:
    """Declare a field of :class:`Settings` that is read from the environment variable ``name``."""
    return field(default=default, metadata={"name": name, "parse": parse, "meaning": meaning, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The whole configuration of one process."""

    environment: str = setting(
        "NODE_ENV", DEVELOPMENT, choice(DEVELOPMENT, TEST, PRODUCTION),
        "What this process is for. `production` refuses to start with a missing or weak secret.",
    )  # fmt: skip
    mongodb_uri: str = setting(
        "MONGODB_URI", "", url("mongodb", "mongodb+srv"),
        "The database. Unset: the embedded one is started. A replica set is needed (transactions, live events).",
        secret=True,
    )  # fmt: skip
    database_mode: str = setting(
        "DATABASE_MODE", "mongodb", choice("mongodb"),
        "Kept from the existing deployment; MongoDB is the only mode there is.",
    )  # fmt: skip
    jwt_secret: str = setting(
        "JWT_SECRET", "", words,
        "Signs access tokens and cursors; at least 32 characters. Unset in development: made and kept in the "
        "data directory.", secret=True,
    )  # fmt: skip
    jwt_refresh_secret: str = setting(
        "JWT_REFRESH_SECRET", "", words, "Signs refresh tokens; like `JWT_SECRET`, and not the same.", secret=True
    )
    port: int = setting("PORT", 5000, integer(1, 65535), "The port to listen on.")
    host: str = setting("MIXILLO_HOST", "0.0.0.0", words, "The address to listen on.")  # noqa: S104  a container's port is reached from outside
    public_url: str = setting(
        "MIXILLO_PUBLIC_URL", "", url("http", "https"),
        "The address that people use, for links in mail and the set-up link. Unset: `http://localhost:PORT`.",
    )  # fmt: skip
    redis_url: str = setting(
        "REDIS_URL", "", url("redis", "rediss", "unix"),
        "Carries live events between instances and counts rate limits. Unset: one instance works alone.",
        secret=True,
    )  # fmt: skip
    instance: str = setting(
        "MIXILLO_INSTANCE", "", short_name,
        "This instance among others: its sockets' ids begin with it, so that a balancer finds who polls without "
        "cookies (`deploy/nginx.conf`). Unset: they do not say where they belong.",
    )  # fmt: skip
    elasticsearch_url: str = setting(
        "ELASTICSEARCH_URL", "", address_with_port,
        "An Elasticsearch 9 server, which then answers searches in products; needs the extra `elasticsearch`. Unset, "
        "and while it is down: MongoDB does.", secret=True,
    )  # fmt: skip
    elasticsearch_api_key: str = setting(
        "ELASTICSEARCH_API_KEY", "", words, "The (encoded) API key for it, where it needs one.", secret=True
    )
    cors_origins: tuple[str, ...] = setting(
        "CORS_ORIGINS", (), origins,
        "Origins of browser clients that may call the API and open sockets, comma-separated. Unset: none but "
        "our own.",
    )  # fmt: skip
    trusted_proxies: int = setting(
        "MIXILLO_TRUSTED_PROXIES", -1, integer(0, 5),
        "How many proxies in front may be believed about the client's address. Unset: 1 on Cloud Run, else 0.",
    )  # fmt: skip
    data_dir: str = setting(
        "MIXILLO_DATA_DIR", ".mixillo", words, "Where the embedded database and generated secrets live."
    )
    mongod: str = setting(
        "MIXILLO_MONGOD", "", words,
        "The mongod program to start as the embedded database. Unset: `mongod` on PATH, else the packaged one.",
    )  # fmt: skip
    worker: str = setting("MIXILLO_WORKER", "eventlet", choice(*WORKERS), "gunicorn's worker and the sockets' mode.")
    access_token_minutes: int = setting(
        "MIXILLO_ACCESS_TOKEN_MINUTES", 15, integer(1, 24 * 60), "Lifetime of an access token."
    )
    refresh_token_days: int = setting("MIXILLO_REFRESH_TOKEN_DAYS", 30, integer(1, 365), "Lifetime of a refresh token.")
    rate_limit: str = setting(
        "MIXILLO_RATE_LIMIT", "300/minute", rate,
        "Requests per signed-in user, or per address when anonymous. `off` for load tests only.",
    )  # fmt: skip
    max_body_bytes: int = setting(
        "MIXILLO_MAX_BODY_BYTES", 1024 * 1024, integer(1024, 1024**3), "The largest request body that is read."
    )
    smtp_url: str = setting(
        "SMTP_URL", "", url("smtp", "smtps"),
        "Outgoing mail, for example `smtp://user:password@mail.example.com:587`. Unset: mail is written to the log "
        "(not in production).", secret=True,
    )  # fmt: skip
    mail_from: str = setting("MAIL_FROM", "Mixillo <no-reply@localhost>", words, "The sender of mail.")
    alert_urls: tuple[str, ...] = setting(
        "ALERT_URLS", (), addresses,
        "Who is told of alerts: addresses in Apprise's form, separated by commas or spaces, for example "
        "`slack://…`, `mailto://…` or `json://host/path`. Unset: alerts show on the dashboard only.", secret=True,
    )  # fmt: skip
    backup_location: str = setting(
        "MIXILLO_BACKUPS", "", words,
        "Where backups are kept: a directory, or `gs://bucket/prefix`. Unset: `backups` in the data directory.",
    )  # fmt: skip
    media: str = setting(
        "MIXILLO_MEDIA", "", url("gs"),
        "Where uploaded files are kept: `gs://bucket/prefix`. Unset: in the database, by GridFS.",
    )  # fmt: skip
    upload_max_mb: int = setting(
        "MIXILLO_UPLOAD_MAX_MB", 1024, integer(1, 5 * 1024), "The largest file that is taken, in megabytes."
    )
    upload_direct_mb: int = setting(
        "MIXILLO_UPLOAD_DIRECT_MB", 32, integer(1, 256),
        "The largest file in one request, and the largest picture, in megabytes.",
    )  # fmt: skip
    upload_daily_mb: int = setting(
        "MIXILLO_UPLOAD_DAILY_MB", 4096, integer(1, 10**6), "How much a user may send in a day, in megabytes."
    )
    upload_orphan_days: int = setting(
        "MIXILLO_UPLOAD_ORPHAN_DAYS", 7, integer(1, 365),
        "After how many days a file is looked for in posts, profiles and the rest; what nothing shows goes.",
    )  # fmt: skip
    media_secret: str = setting(
        "MIXILLO_MEDIA_SECRET", "", words,
        "Opens `/api/live/callbacks` to the media server, and signs playback addresses; at least 32 characters. "
        "Unset: no callback is accepted, and nobody streams by `rtmp`.", secret=True,
    )  # fmt: skip
    media_ingest_url: str = setting(
        "MIXILLO_MEDIA_INGEST_URL", "", url("rtmp", "rtmps"),
        "Where encoders send streams of the provider `rtmp`, for example `rtmp://media.example.com/live`. "
        "Unset: nobody streams by it.",
    )  # fmt: skip
    media_playback_url: str = setting(
        "MIXILLO_MEDIA_PLAYBACK_URL", "", url("http", "https"),
        "Where viewers get these streams, for example `https://media.example.com/hls`; what is below is signed, "
        "as `deploy/media/nginx.conf` checks it. Unset: they have no `hlsUrl`.",
    )  # fmt: skip
    media_playback_minutes: int = setting(
        "MIXILLO_MEDIA_PLAYBACK_MINUTES", 240, integer(1, 24 * 60),
        "How long a playback address is good for.",
    )  # fmt: skip
    media_grace_seconds: int = setting(
        "MIXILLO_MEDIA_GRACE_SECONDS", 30, integer(0, 900),
        "How long a stream whose encoder is gone pauses before it ends; `0`: it ends at once.",
    )  # fmt: skip
    livekit_url: str = setting(
        "LIVEKIT_URL", "", url("ws", "wss"),
        "A LiveKit server, which then carries streams of the provider `livekit`; needs the extra `livekit` and "
        "the next two.",
    )  # fmt: skip
    livekit_api_key: str = setting("LIVEKIT_API_KEY", "", words, "LiveKit's API key.")
    livekit_api_secret: str = setting(
        "LIVEKIT_API_SECRET", "", words,
        "The secret of that key, with which tickets for its rooms are signed.", secret=True,
    )  # fmt: skip
    log_level: str = setting(
        "MIXILLO_LOG_LEVEL", "INFO", choice("DEBUG", "INFO", "WARNING", "ERROR"), "The least severity that is logged."
    )
    access_log: bool = setting("MIXILLO_ACCESS_LOG", True, on_off, "One JSON line per request: `on` or `off`.")
    metrics: bool = setting("MIXILLO_METRICS", True, on_off, "Count requests, errors and latencies: `on` or `off`.")
    slow_query_ms: int = setting(
        "MIXILLO_SLOW_QUERY_MS", 100, integer(0, 60_000),
        "Database commands that take at least so many milliseconds are remembered by their shape. `0`: none are.",
    )  # fmt: skip
    metrics_token: str = setting(
        "MIXILLO_METRICS_TOKEN", "", words,
        "Opens `/metrics` (Prometheus' text form) to `Authorization: Bearer …`. Unset: there is no such page.",
        secret=True,
    )  # fmt: skip
    checker_secret: str = setting(
        "MIXILLO_CHECKER_SECRET", "", words,
        "Signs what an external uptime checker posts to `/api/ops/checks`. Unset: nothing is accepted.",
        secret=True,
    )  # fmt: skip
    payment_provider: str = setting(
        "MIXILLO_PAYMENT_PROVIDER", "", choice(*PROVIDERS),
        "Who takes money: `stripe`, or `sandbox`, which takes none and lets people complete payments themselves. "
        "Unset: `sandbox`, but in production nobody, and what is to be paid for answers 503.",
    )  # fmt: skip
    stripe_secret_key: str = setting(
        "STRIPE_SECRET_KEY", "", words, "Stripe's secret key. Needed, like the next one, when Stripe is chosen.",
        secret=True,
    )  # fmt: skip
    stripe_webhook_secret: str = setting(
        "STRIPE_WEBHOOK_SECRET", "", words,
        "The signing secret of Stripe's web hook, which leads to `/api/payments/webhooks/stripe`.", secret=True,
    )  # fmt: skip
    payment_minutes: int = setting(
        "MIXILLO_PAYMENT_MINUTES", 30, integer(1, 7 * 24 * 60), "How long a payment may stay pending."
    )
    coin_value: Decimal = setting(
        "MIXILLO_COIN_VALUE", Decimal("0.01"), price, "What an earned coin is worth when it is paid out, in USD."
    )
    transfer_limit_coins: int = setting(
        "MIXILLO_TRANSFER_LIMIT_COINS", 10_000, integer(0, 10**9), "How many coins a user may give away in 24 hours."
    )
    transfer_limit_money: int = setting(
        "MIXILLO_TRANSFER_LIMIT_MONEY", 500, integer(0, 10**7),
        "How much money of each currency a user may give away in 24 hours, in its units.",
    )  # fmt: skip
    tax_percent: Decimal = setting(
        "MIXILLO_TAX_PERCENT", Decimal(10), percent, "Tax on goods after discounts, in percent; shipping is not taxed."
    )
    shipping_cost: Decimal = setting(
        "MIXILLO_SHIPPING_COST", Decimal("5.99"), amount,
        "What shipping costs where no shipping method says so, in units of the order's currency.",
    )  # fmt: skip
    shipping_free_above: Decimal = setting(
        "MIXILLO_SHIPPING_FREE_ABOVE", Decimal("50.00"), amount,
        "Goods for more than this ship free, in units of the order's currency; methods may have a limit of their own.",
    )  # fmt: skip
    home_country: str = setting(
        "MIXILLO_HOME_COUNTRY", "US", country,
        "The country of addresses that name none, as those of the mobile app do.",
    )  # fmt: skip
    order_minutes: int = setting(
        "MIXILLO_ORDER_MINUTES", 15, integer(1, 24 * 60), "How long an unpaid order keeps its goods from others."
    )
    commission_percent: Decimal = setting(
        "MIXILLO_COMMISSION_PERCENT", Decimal(10), percent,
        "What the house keeps of goods after discounts, in percent, when a seller is paid for a delivered order.",
    )  # fmt: skip
    return_days: int = setting(
        "MIXILLO_RETURN_DAYS", 30, integer(0, 365), "How many days after its delivery an order may be sent back."
    )
    live_demo: bool | None = setting(
        "MIXILLO_LIVE_DEMO", None, on_off,
        "The page `/live-demo`, on which two windows chat, like and give: `on` or `off`. Unset: not in production.",
    )  # fmt: skip
    commit: str = setting("MIXILLO_COMMIT", "", words, "The commit that runs. Unset: the checked-out one, if any.")
    service: str = setting("K_SERVICE", "", words, "Set by Cloud Run: the service.")
    revision: str = setting("K_REVISION", "", words, "Set by Cloud Run: the revision. Unset: the version.")
    region: str = setting("MIXILLO_REGION", "", words, "Shown on the Infrastructure page.")
    google_project: str = setting("GOOGLE_CLOUD_PROJECT", "", words, "Links log lines to traces in Cloud Logging.")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the settings.

        :raises ConfigError: with a sentence for each variable that cannot be used.
        """
        environ = os.environ if environ is None else environ
        values, problems = {}, []
        for declared in fields(cls):
            text = environ.get(declared.metadata["name"], "").strip()
            if not text:
                continue
            try:
                values[declared.name] = declared.metadata["parse"](text)
            except ValueError as error:
                problems.append(f"{declared.metadata['name']} {error}.")
        settings = cls(**values)
        problems += settings.faults()
        if problems:
            raise ConfigError(problems)
        return settings

    def require_complete(self) -> None:
        """Check what an application cannot do without, however it was started.

        :raises ConfigError: no database, or nothing to sign tokens with.
        """
        needed = {
            "MONGODB_URI": self.mongodb_uri,
            "JWT_SECRET": self.jwt_secret,
            "JWT_REFRESH_SECRET": self.jwt_refresh_secret,
        }
        if missing := [name for name, value in needed.items() if not value]:
            raise ConfigError([f"{' and '.join(missing)} must be set; `mixillo serve` does so in development."])

    def faults(self) -> list[str]:
        """Return a sentence for each thing that it must not start with, most of them in production only."""
        found = [f"{name} must be set when payments are made through Stripe." for name in self._missing_keys()]
        if any(livekit := (self.livekit_url, self.livekit_api_key, self.livekit_api_secret)) and not all(livekit):
            found.append("LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET must be set together.")
        if self.environment != PRODUCTION:
            return found
        found += [f"{name} {fault}." for name, fault in self.secret_faults()]
        if not self.mongodb_uri:
            found.append("MONGODB_URI must be set in production.")
        return found

    def secret_faults(self) -> list[tuple[str, str]]:
        """Return what is wrong with the secrets that people choose, as variable and fault, wherever this runs.

        Those that tokens are signed with must be there; the others only open something when they are set.
        """
        needed = {"JWT_SECRET": self.jwt_secret, "JWT_REFRESH_SECRET": self.jwt_refresh_secret}
        optional = {
            "MIXILLO_METRICS_TOKEN": self.metrics_token,
            "MIXILLO_CHECKER_SECRET": self.checker_secret,
            "MIXILLO_MEDIA_SECRET": self.media_secret,
            "LIVEKIT_API_SECRET": self.livekit_api_secret,
        }
        chosen = needed | {name: value for name, value in optional.items() if value}
        found = [(name, fault) for name, value in chosen.items() if (fault := weakness(value))]
        if self.jwt_secret and self.jwt_secret == self.jwt_refresh_secret:
            found.append(("JWT_REFRESH_SECRET", "must differ from JWT_SECRET"))
        return found

    def _missing_keys(self) -> list[str]:
        needed = {"STRIPE_SECRET_KEY": self.stripe_secret_key, "STRIPE_WEBHOOK_SECRET": self.stripe_webhook_secret}
        return [name for name, value in needed.items() if not value and self.payments_by == STRIPE]

    @property
    def payments_by(self) -> str:
        """The payment provider; empty where there is none."""
        return self.payment_provider or ("" if self.is_production else SANDBOX)

    @property
    def is_production(self) -> bool:
        """Whether this process serves real users."""
        return self.environment == PRODUCTION

    @property
    def shows_live_demo(self) -> bool:
        """Whether there is a page to try live streams on."""
        return not self.is_production if self.live_demo is None else self.live_demo

    @property
    def proxies(self) -> int:
        """How many hops of ``X-Forwarded-For`` are believed."""
        if self.trusted_proxies >= 0:
            return self.trusted_proxies
        return 1 if self.service else 0

    @property
    def backups(self) -> str:
        """Where backups are kept."""
        return self.backup_location or f"{self.data_dir.rstrip('/')}/backups"

    @property
    def base_url(self) -> str:
        """The address that people use, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://localhost:{self.port}"


def declarations() -> tuple[Field, ...]:
    """Return the declared settings in order, for the documentation, the dashboard and their tests."""
    return fields(Settings)


def weakness(secret: str) -> str | None:
    """Say what is wrong with ``secret``, or ``None`` when it is strong enough to sign tokens with."""
    if not secret:
        return "is missing"
    if len(secret) < MINIMUM_SECRET_LENGTH:
        return f"is shorter than {MINIMUM_SECRET_LENGTH} characters"
    if len(set(secret)) < 10 or KNOWN_SECRETS.search(secret):
        return "is a default or easily guessed value"
    return None
