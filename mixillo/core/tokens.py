"""Access and refresh tokens: what is in them, and the answers to bad ones."""

from datetime import timedelta
from typing import Any

import jwt as pyjwt
from flask import Flask, Response, current_app
from flask_jwt_extended import create_access_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.security import CHALLENGE
from mixillo.errors import Unauthorized, render
from mixillo.extensions import jwt

ALGORITHM = "HS256"
ISSUER, AUDIENCE = "mixillo", "mixillo-api"
REQUIRED_CLAIMS = ("exp", "iat", "jti", "sub", "sid")
ACCESS, REFRESH = "access", "refresh"


class InvalidToken(Unauthorized):
    """The token is not one of ours."""

    code, title = "INVALID_TOKEN", "The token is not valid"


class TokenExpired(Unauthorized):
    """The token was good once; refresh it."""

    code, title = "TOKEN_EXPIRED", "The token has expired"


class TokenRevoked(Unauthorized):
    """The session of the token has ended."""

    code, title = "TOKEN_REVOKED", "The session has ended"


class NoRefreshToken(Unauthorized):
    """There is nothing to refresh with."""

    code, title = "NO_REFRESH_TOKEN", "Send a refresh token"


class InvalidRefreshToken(Unauthorized):
    """The refresh token is not one of ours."""

    code, title = "INVALID_REFRESH_TOKEN", "The refresh token is not valid"


class RefreshTokenExpired(Unauthorized):
    """The refresh token was good once; sign in again."""

    code, title = "REFRESH_TOKEN_EXPIRED", "The refresh token has expired"


def init_app(app: Flask, settings: Settings) -> None:
    """Sign with ``JWT_SECRET``, and let bad tokens be told in the one error body."""
    app.config.update(
        JWT_SECRET_KEY=settings.jwt_secret,
        JWT_ALGORITHM=ALGORITHM,
        JWT_DECODE_ALGORITHMS=[ALGORITHM],
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(minutes=settings.access_token_minutes),
        JWT_TOKEN_LOCATION=["headers"],
        JWT_COOKIE_CSRF_PROTECT=False,
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_AUDIENCE=AUDIENCE,
    )
    jwt.init_app(app)


def access_token(user: dict[str, Any], session_id: Any) -> str:
    """Return a signed access token of ``user`` (a stored document) for a session."""
    claims = {"id": str(user["_id"]), "email": user["email"], "role": user["role"], "sid": str(session_id)}
    return create_access_token(str(user["_id"]), additional_claims=claims)


def decode_access_token(token: str) -> dict[str, Any]:
    """Return the claims of an access token that did not come with an HTTP request, checked like those that do.

    :raises InvalidToken: it is not one of ours.
    :raises TokenExpired: it was.
    """
    try:
        claims = decode_token(token)
    except pyjwt.ExpiredSignatureError:
        raise TokenExpired from None
    except (pyjwt.PyJWTError, JWTExtendedException):
        raise InvalidToken from None
    if claims["type"] != ACCESS or not _complete({}, claims):
        raise InvalidToken
    return claims


def refresh_token(session: dict[str, Any]) -> str:
    """Return the signed refresh token of a stored session; the same for as long as its ``jti`` is."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(session["userId"]),
        "sid": str(session["_id"]),
        "jti": session["jti"],
        "iat": int(session["lastSeenAt"].timestamp()),
        "exp": int(session["expiresAt"].timestamp()),
        "type": REFRESH,
    }
    return pyjwt.encode(claims, current_app.config["SETTINGS"].jwt_refresh_secret, ALGORITHM)


def decode_refresh_token(token: str) -> dict[str, Any]:
    """Return the claims of a refresh token.

    :raises InvalidRefreshToken: it is not one of ours.
    :raises RefreshTokenExpired: it was.
    """
    try:
        claims: dict[str, Any] = pyjwt.decode(
            token,
            current_app.config["SETTINGS"].jwt_refresh_secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": list(REQUIRED_CLAIMS)},
        )
    except pyjwt.ExpiredSignatureError:
        raise RefreshTokenExpired from None
    except pyjwt.PyJWTError:
        raise InvalidRefreshToken from None
    if claims.get("type") != REFRESH:
        raise InvalidRefreshToken
    return claims


@jwt.invalid_token_loader
def _invalid(_reason: str) -> Response:
    return render(InvalidToken("The access token cannot be verified.", headers=CHALLENGE))


@jwt.unauthorized_loader
def _missing(_reason: str) -> Response:
    return render(Unauthorized("Send an access token: `Authorization: Bearer …`.", headers=CHALLENGE))


@jwt.expired_token_loader
def _expired(_header: dict[str, Any], _claims: dict[str, Any]) -> Response:
    return render(TokenExpired("The access token has expired; refresh it.", headers=CHALLENGE))


@jwt.token_verification_loader
def _complete(_header: dict[str, Any], claims: dict[str, Any]) -> bool:
    """Refuse a signed token that lacks a claim; the library lets one without ``exp`` live for ever."""
    return all(claims.get(name) for name in REQUIRED_CLAIMS) and claims["exp"] > clock.now().timestamp()


@jwt.token_verification_failed_loader
def _incomplete(_header: dict[str, Any], _claims: dict[str, Any]) -> Response:
    return render(InvalidToken("The access token cannot be verified.", headers=CHALLENGE))
