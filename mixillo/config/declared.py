"""Every setting: its environment variable, its parser and its meaning.

The table in ``docs/configuration.md`` is checked against them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mixillo.config.parsing import (
    address_with_port,
    addresses,
    amount,
    choice,
    country,
    integer,
    on_off,
    origins,
    percent,
    price,
    rate,
    short_name,
    url,
    words,
)

DEVELOPMENT, TEST, PRODUCTION = "development", "test", "production"
WORKERS = ("eventlet", "gevent", "gthread")
SANDBOX, STRIPE = PROVIDERS = ("sandbox", "stripe")


def setting(name: str, default: Any, parse: Callable[[str], Any], meaning: str, *, secret: bool = False) -> Any:
    """Declare a field of :class:`Declared` that is read from the environment variable ``name``."""
    return field(default=default, metadata={"name": name, "parse": parse, "meaning": meaning, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Declared:
    """The values of one process's settings."""

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
