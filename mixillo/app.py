"""The composition root: settings, extensions, errors, features."""

import hashlib
from functools import partial

from flask import Flask

from mixillo import errors
from mixillo.blueprints.registry import register_blueprints
from mixillo.config import TEST, Settings
from mixillo.core import db, http, logs, openapi, ratelimits, realtime, tokens
from mixillo.core.json import OrjsonProvider
from mixillo.ops import alerts, auditing, metrics, slow_queries


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application for ``settings`` (read from the environment unless given).

    Nothing is sent to the database or to Redis yet: the application starts, and answers ``/health``, without
    them.

    :raises ConfigError: with a sentence for each setting that is missing or cannot be used.
    """
    settings = settings or Settings.from_env()
    settings.require_complete()
    app = Flask("mixillo")
    app.json = OrjsonProvider(app)
    app.config.update(
        SETTINGS=settings,
        TESTING=settings.environment == TEST,
        VALIDATE_ANSWERS=settings.environment == TEST,
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_PARTS=100,
        CURSOR_KEY=hashlib.sha256(f"cursor:{settings.jwt_secret}".encode()).digest(),
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.strict_slashes = False
    logs.configure(settings.log_level)
    logs.init_app(app, settings)
    metrics.init_app(app, settings)
    alerts.init_app(app, settings)
    auditing.init_app(app)
    listeners = slow_queries.init_app(app, settings)
    metrics.flusher_of(app).at_the_end += [partial(slow_queries.flush, listener) for listener in listeners]
    db.connect(settings.mongodb_uri, listeners=listeners)
    errors.init_app(app)
    http.init_app(app, settings)
    openapi.init_app(app, settings)
    ratelimits.init_app(app, settings)
    tokens.init_app(app, settings)
    realtime.init_app(app, settings)
    register_blueprints(app)
    return app
