"""Rate limits: counted per caller, told in headers, alive without Redis."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mixillo import create_app
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.ratelimits import Counter, Rate

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def limited(settings: Settings) -> Flask:
    return create_app(Settings(**vars(settings) | {"rate_limit": "3/hour"}))


@pytest.fixture
def limited_client(limited: Flask) -> FlaskClient:
    return limited.test_client()


def test_every_answer_says_where_the_caller_stands(limited_client: FlaskClient) -> None:
    headers = limited_client.get("/health").headers
    assert headers["RateLimit-Policy"] == '"default";q=3;w=3600'
    assert headers["RateLimit"].startswith('"default";r=2;t=')


def test_over_the_limit_is_a_429_that_says_when_to_come_back(limited_client: FlaskClient) -> None:
    answers = [limited_client.get("/health") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json["code"] == "rate_limited"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 3600


def test_addresses_are_counted_apart_and_a_forged_one_is_not_believed(limited_client: FlaskClient) -> None:
    for number in range(4):
        forged = {"X-Forwarded-For": f"10.0.0.{number}"}
        last = limited_client.get("/health", headers=forged, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert last.status_code == 429
    assert limited_client.get("/health", environ_base={"REMOTE_ADDR": "192.0.2.2"}).status_code == 200


def test_behind_one_proxy_only_the_last_hop_counts(settings: Settings) -> None:
    behind = Settings(**vars(settings) | {"rate_limit": "3/hour", "trusted_proxies": 1})
    client = create_app(behind).test_client()
    for number in range(4):
        last = client.get("/health", headers={"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.9"})
    assert last.status_code == 429
    assert client.get("/health", headers={"X-Forwarded-For": "203.0.113.9, 203.0.113.8"}).status_code == 200


def test_a_new_window_starts_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    counter, rate, start = Counter(), Rate("default", 1, 60), clock.now()
    assert counter.hit(rate, "a").remaining == 0
    assert counter.hit(rate, "a").remaining == -1
    monkeypatch.setattr(clock, "now", lambda: start.replace(year=start.year + 1))
    assert counter.hit(rate, "a").remaining == 0


def test_without_its_redis_the_counter_counts_locally() -> None:
    counter, rate = Counter(NOBODY_LISTENS), Rate("default", 2, 3600)
    assert [counter.hit(rate, "a").remaining for _ in range(3)] == [1, 0, -1]
