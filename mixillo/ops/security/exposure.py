"""What the application shows to the outside: headers of its kinds of answers, CORS, the dashboard's cookie."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from flask import Flask

from mixillo.config import Settings
from mixillo.ops.security.asking import Answer, ask

API, PAGE, ERROR = "API", "page", "error"
PATHS = {API: "/api/health", PAGE: "/ops/sign-in", ERROR: "/api/there-is-no-such-path"}
# A name that is never anybody's (RFC 2606), for what must be refused.
STRANGER = "https://stranger.example"
MOST_ORIGINS = 10
ALL = (API, PAGE, ERROR)
# What must be sent, on which kinds of answers, and why.
HEADERS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "Content-Security-Policy": (ALL, "what a page may load and run, and who may frame it"),
    "X-Content-Type-Options": (ALL, "a browser does not guess types"),
    "X-Frame-Options": (ALL, "no other site frames ours"),
    "Referrer-Policy": (ALL, "other sites do not learn our addresses"),
    "Cross-Origin-Opener-Policy": (ALL, "a page that opened ours cannot reach into it"),
    "Permissions-Policy": (ALL, "no camera, place or payment"),
    "Cache-Control": ((PAGE, ERROR), "private pages stay out of caches"),
    "X-Request-Id": (ALL, "finds the request in the log"),
    "RateLimit-Policy": ((API, PAGE), "clients know the limit before they hit it"),
}
STRICT_TRANSPORT = "Strict-Transport-Security"


@dataclass(frozen=True)
class Cookie:
    """A cookie as it was set; its value is not kept."""

    name: str
    is_secure: bool
    is_http_only: bool
    same_site: str
    path: str


@dataclass(frozen=True)
class Seen:
    """One header on the kinds of answers that must have it; ``None`` where it was not sent."""

    name: str
    why: str
    sent: Mapping[str, str | None]

    @property
    def missing(self) -> tuple[str, ...]:
        """The kinds of answers that should have it and do not."""
        return tuple(kind for kind, value in self.sent.items() if value is None)


@dataclass(frozen=True)
class Exposure:
    """What was seen: headers, which origins were let in (``preflights``), and the dashboard's cookie."""

    headers: tuple[Seen, ...]
    preflights: Mapping[str, bool]
    cookie: Cookie | None


def look(app: Flask, settings: Settings, url: str) -> Exposure:
    """Ask ``app``, reached at ``url``, for one answer of each kind and one preflight per origin."""
    answers = {kind: ask(app, path, url=url) for kind, path in PATHS.items()}
    origins = (*settings.cors_origins[:MOST_ORIGINS], STRANGER)
    return Exposure(
        headers=tuple(_seen(answers, settings)),
        preflights={origin: _is_let_in(app, origin, url) for origin in origins},
        cookie=_cookie(answers[PAGE]),
    )


def _seen(answers: Mapping[str, Answer], settings: Settings) -> list[Seen]:
    expected = dict(HEADERS)
    if settings.is_production:
        expected[STRICT_TRANSPORT] = (ALL, "browsers come back by HTTPS only")
    if settings.rate_limit == "off":
        del expected["RateLimit-Policy"]
    return [
        Seen(name, why, {kind: answers[kind].header(name) for kind in kinds}) for name, (kinds, why) in expected.items()
    ]


def _is_let_in(app: Flask, origin: str, url: str) -> bool:
    wanted = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    allowed = ask(app, PATHS[API], method="OPTIONS", url=url, headers=wanted).header("Access-Control-Allow-Origin")
    return allowed in (origin, "*")


def _cookie(answer: Answer) -> Cookie | None:
    sent = answer.header("Set-Cookie")
    try:
        found = next(iter(SimpleCookie(sent or "").values()), None)
    except CookieError:
        return None
    if found is None:
        return None
    return Cookie(found.key, bool(found["secure"]), bool(found["httponly"]), found["samesite"], found["path"])
