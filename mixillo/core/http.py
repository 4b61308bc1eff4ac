"""What every answer carries: security headers, and CORS for the allowed origins; which requests can be read at all."""

from secrets import token_urlsafe
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from mixillo.config import Settings
from mixillo.errors import MalformedRequest
from mixillo.extensions import cors

EXPOSED = [
    "Content-Range", "ETag", "Idempotent-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After",
    "Tus-Extension", "Tus-Max-Size", "Tus-Resumable", "Tus-Version", "Upload-Expires", "Upload-Length",
    "Upload-Offset", "X-Cart-Token", "X-Request-Id",
]  # fmt: skip
ALLOWED = [
    "Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "If-Range", "Range", "Tus-Resumable",
    "Upload-Length", "Upload-Metadata", "Upload-Offset", "X-Cart-Token", "X-Request-Id",
]  # fmt: skip
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def init_app(app: Flask, settings: Settings) -> None:
    """Set up headers, CORS and the trust in proxies for ``app``."""
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    if settings.cors_origins:
        cors.init_app(
            app,
            origins=list(settings.cors_origins),
            resources=r"/(api|health).*",
            allow_headers=ALLOWED,
            expose_headers=EXPOSED,
            max_age=600,
        )

    @app.context_processor
    def nonce() -> dict[str, Any]:
        return {"nonce": csp_nonce}

    @app.before_request
    def refuse_unreadable_queries() -> None:
        # Werkzeug decodes strictly, and only when a view first looks.
        try:
            request.query_string.decode()
        except UnicodeDecodeError:
            raise MalformedRequest("The query is not UTF-8.") from None

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.extend(HEADERS)
        is_page = response.mimetype == "text/html"
        policy = PAGE_POLICY.format(nonce=csp_nonce()) if is_page else API_POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        if settings.is_production:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response


def csp_nonce() -> str:
    """Return the nonce that this page's scripts and styles carry."""
    if "csp_nonce" not in g:
        g.csp_nonce = token_urlsafe(16)
    return g.csp_nonce
