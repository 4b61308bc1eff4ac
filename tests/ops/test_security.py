"""What protects the service, tried on the application itself; what is wrong is found, and nothing else."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, g

from mixillo import create_app
from mixillo.config import PRODUCTION, Settings
from mixillo.core import http, ratelimits
from mixillo.core.ratelimits import Counter, Rate
from mixillo.ops import configuration, security
from mixillo.ops.security import Exposure, Finding
from mixillo.ops.security.exposure import STRANGER, Cookie, Seen

URL = "https://mixillo.example"
GOOD = Settings(
    environment=PRODUCTION,
    mongodb_uri="mongodb://app:pass@db.internal/mixillo?replicaSet=rs0",
    jwt_secret="kVf3nB8sQ1zLxW0pYtR7uEoA5cD2mG9hJ4iN6",
    jwt_refresh_secret="9hJ4iN6kVf3nB8sQ1zLxW0pYtR7uEoA5cD2mG",
    public_url=URL,
    alert_urls=("json://alerts.example/hook",),
    smtp_url="smtp://mail.example",
)
SEEN = Exposure(
    headers=(Seen("X-Frame-Options", "why", {"page": "DENY"}),),
    preflights={STRANGER: False},
    cookie=Cookie("__Host-mixillo_ops", True, True, "Strict", "/"),
)
Make = Callable[..., Flask]


@pytest.fixture
def make(settings: Settings) -> Make:
    """An application with other settings, over the same database."""
    return lambda **changes: create_app(replace(settings, **changes))


def run_trial(app: Flask) -> dict[str, Any]:
    return security.trial(app)(lambda done, total, label: None)


def judged(settings: Settings = GOOD, seen: Exposure = SEEN, **how: Any) -> list[Finding]:
    return security.findings(settings, seen, **{"is_secure": True, "is_forwarded": False} | how)


def test_the_limit_is_used_up_and_the_application_refuses(make: Make) -> None:
    found = run_trial(make(rate_limit="20/minute"))
    assert found["refused"] is True
    assert (found["limit"], found["counted"], found["status"]) == (20, 20, 429)
    assert 0 < int(found["retryAfter"]) <= 60
    assert found["policy"].startswith('"default";q=20;w=60')
    assert found["store"] == "this process"


def test_a_high_limit_is_tried_too(make: Make) -> None:
    found = run_trial(make(rate_limit="1000000/day"))
    assert (found["refused"], found["counted"]) == (True, 1_000_000)


def test_an_application_that_does_not_count_is_found_out(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make(rate_limit="20/minute")
    monkeypatch.setattr("mixillo.core.security.check_default", lambda: None)
    found = run_trial(app)
    assert (found["refused"], found["status"]) == (False, 200)
    assert "did not refuse" in judged(tried=found)[0].what


def test_a_counter_that_forgets_is_found_out(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    app, hit, numbers = make(rate_limit="20/minute"), Counter.hit, itertools.count()
    monkeypatch.setattr(Counter, "hit", lambda self, rate, key, cost=1: hit(self, rate, f"{key}{next(numbers)}", cost))
    assert run_trial(app)["refused"] is False


def test_a_trial_holds_nobody_up_who_is_there(make: Make) -> None:
    app = make(rate_limit="20/minute")
    run_trial(app)
    assert app.test_client().get("/health").status_code == 200


def test_no_limit_cannot_be_tried(make: Make) -> None:
    with pytest.raises(security.NoLimit):
        security.trial(make(rate_limit="off"))


def test_every_tighter_limit_is_listed_with_its_routes(app: Flask) -> None:
    found = security.limits(app)
    assert found[0].routes == ()
    by_name = {limit.rate.name: limit for limit in found}
    assert by_name["login"].rate == Rate("login", 30, 60)
    assert "/api/auth/login" in by_name["login"].routes


def test_headers_are_those_that_are_really_sent(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not [seen for seen in security.look(app, settings, URL).headers if seen.missing]
    monkeypatch.delitem(http.HEADERS, "X-Frame-Options")
    (seen,) = [seen for seen in security.look(app, settings, URL).headers if seen.missing]
    assert (seen.name, seen.missing) == ("X-Frame-Options", ("API", "page", "error"))


def test_the_cookie_is_seen_without_its_value(app: Flask, settings: Settings) -> None:
    cookie = security.look(app, settings, URL).cookie
    assert cookie == Cookie("__Host-mixillo_ops", True, True, "Strict", "/")
    assert security.look(app, settings, "http://localhost").cookie == Cookie("mixillo_ops", False, True, "Strict", "/")


def test_listed_origins_are_let_in_and_strangers_are_not(make: Make, settings: Settings) -> None:
    listed = "https://app.example"
    app = make(cors_origins=(listed,))
    assert security.look(app, app.config["SETTINGS"], URL).preflights == {listed: True, STRANGER: False}
    assert security.look(app, settings, URL).preflights == {STRANGER: False}


def test_asking_ourselves_leaves_the_request_that_asks_alone(app: Flask) -> None:
    with app.test_request_context("/ops"):
        g.request_id = "the one that asks"
        answer = security.ask(app, "/health")
        assert answer.status == 200
        assert answer.header("x-request-id") not in (None, "the one that asks")
        assert g.request_id == "the one that asks"
        assert "counts" not in g


def test_a_good_configuration_has_no_finding() -> None:
    assert judged() == []


@pytest.mark.parametrize(
    ("changes", "state", "what"),
    [
        ({"jwt_secret": "short"}, "down", "JWT_SECRET is shorter"),
        ({"jwt_refresh_secret": GOOD.jwt_secret}, "down", "JWT_REFRESH_SECRET must differ"),
        ({"metrics_token": "short"}, "down", "MIXILLO_METRICS_TOKEN is shorter"),
        ({"checker_secret": "changeme" * 5}, "down", "MIXILLO_CHECKER_SECRET is a default"),
        ({"payment_provider": "sandbox"}, "down", "without money"),
        ({"payment_provider": "stripe", "stripe_secret_key": "sk_test_1"}, "down", "test cards"),
        (
            {"environment": "development", "host": "localhost", "stripe_secret_key": "sk_live_1"},
            "degraded",
            "real money",
        ),
        ({"mongodb_uri": "mongodb://db.internal/mixillo"}, "down", "without a password"),
        ({"access_token_minutes": 600}, "degraded", "good for 600 minutes"),
        ({"rate_limit": "off"}, "down", "not limited"),
        ({"service": "mixillo", "trusted_proxies": 0}, "degraded", "every instance counts"),
        ({"public_url": "http://mixillo.example"}, "degraded", "plain HTTP"),
        ({"cors_origins": ("http://app.example",)}, "degraded", "without HTTPS"),
        ({"alert_urls": ()}, "degraded", "nobody is told"),
        ({"smtp_url": ""}, "degraded", "no mail"),
        ({"environment": "development"}, "degraded", "this is development"),
        ({"trusted_proxies": 1}, "degraded", "past them"),
    ],
)
def test_each_fault_is_one_finding_with_what_to_do(changes: dict[str, Any], state: str, what: str) -> None:
    (found,) = judged(replace(GOOD, **changes))
    assert found.state == state
    assert what in found.what
    assert found.advice


@pytest.mark.parametrize(
    ("seen", "what"),
    [
        (replace(SEEN, headers=(Seen("X-Frame-Options", "", {"API": None, "page": "DENY"}),)), "not sent with API"),
        (replace(SEEN, headers=(Seen("Content-Security-Policy", "", {"page": "'unsafe-inline'"}),)), "inline scripts"),
        (replace(SEEN, preflights={STRANGER: True}), "any site"),
        (replace(SEEN, cookie=Cookie("c", True, False, "Strict", "/")), "cookie"),
        (replace(SEEN, cookie=Cookie("c", True, True, "Lax", "/")), "cookie"),
    ],
)
def test_what_was_seen_and_should_not_be_is_a_finding(seen: Exposure, what: str) -> None:
    (found,) = judged(seen=seen)
    assert what in found.what


def test_how_the_request_came_is_a_finding() -> None:
    assert "without HTTPS" in judged(is_secure=False)[0].what
    assert "counts as one address" in judged(is_forwarded=True)[0].what
    assert judged(replace(GOOD, trusted_proxies=1), is_forwarded=True) == []


@pytest.mark.parametrize(
    "uri",
    ["mongodb://localhost/x", "mongodb://127.0.0.1:27018/x", "mongodb://[::1]/x", "mongodb+srv://u:p@c.example/x"],
)
def test_a_database_nearby_or_with_a_password_is_no_finding(uri: str) -> None:
    assert judged(replace(GOOD, mongodb_uri=uri)) == []


def test_secrets_have_states_and_no_values() -> None:
    settings = replace(GOOD, checker_secret="hunter2", redis_url="redis://:hunter2@r/0", smtp_url="")
    found = {secret.name: secret for secret in security.secrets(settings)}
    states = {name: found[name].state for name in ("JWT_SECRET", "MIXILLO_CHECKER_SECRET", "REDIS_URL", "SMTP_URL")}
    assert list(states.values()) == ["strong", "weak", "present", "absent"]
    assert "hunter2" not in str(found)
    assert GOOD.jwt_secret not in str(found)


def test_the_counter_says_where_it_counts() -> None:
    lost = Counter("redis://127.0.0.1:1/0")
    assert lost.is_shared
    lost.hit(ratelimits.Rate("x", 1, 60), "somebody")
    assert not lost.is_shared
    assert not Counter().is_shared


def test_a_setting_says_where_it_comes_from(tmp_path: Any) -> None:
    (tmp_path / "secrets.json").write_text('{"JWT_SECRET": "made here", "JWT_REFRESH_SECRET": "another"}')
    settings = replace(
        GOOD, data_dir=str(tmp_path), jwt_secret="made here", jwt_refresh_secret="set by hand", port=1234
    )
    found = {entry.name: entry for entry in configuration.in_force(settings)}
    assert found["JWT_SECRET"].source == configuration.DATA_DIRECTORY
    assert found["JWT_REFRESH_SECRET"].source == configuration.ENVIRONMENT
    assert found["PORT"].value == "1234"
    assert found["MIXILLO_WORKER"].source == configuration.DEFAULT
    assert not [entry for entry in found.values() if entry.secret and entry.value is not None]
