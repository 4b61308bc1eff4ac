"""What every answer carries, and which origins may read it."""

import pytest
from flask.testing import FlaskClient

from mixillo import create_app
from mixillo.config import Settings


@pytest.fixture
def cors_client(settings: Settings) -> FlaskClient:
    allowing = Settings(**vars(settings) | {"cors_origins": ("https://app.example",)})
    return create_app(allowing).test_client()


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/health", "/api/nothing", "/api/docs"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_page_allows_only_its_own_scripts_and_styles(client: FlaskClient) -> None:
    first, second = (client.get("/api/docs").headers["Content-Security-Policy"] for _ in range(2))
    assert "unsafe" not in first
    assert "script-src 'nonce-" in first
    assert first != second


def test_no_origin_is_allowed_unless_it_is_listed(client: FlaskClient, cors_client: FlaskClient) -> None:
    for asked in (client, cors_client):
        headers = asked.get("/health", headers={"Origin": "https://evil.example"}).headers
        assert "Access-Control-Allow-Origin" not in headers


def test_a_listed_origin_may_call_and_read_the_headers(cors_client: FlaskClient) -> None:
    headers = cors_client.get("/health", headers={"Origin": "https://app.example"}).headers
    assert headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "RateLimit" in headers["Access-Control-Expose-Headers"]
    preflight = cors_client.options(
        "/api/health",
        headers={
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "Idempotency-Key",
        },
    )
    assert "Idempotency-Key" in preflight.headers["Access-Control-Allow-Headers"]


def test_public_documents_are_304_when_the_client_has_them(client: FlaskClient) -> None:
    first = client.get("/api/openapi.json")
    again = client.get("/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.get_data() == b""
