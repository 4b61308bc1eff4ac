"""What media servers call: nginx-rtmp, MediaMTX and SRS, each in its own words."""

import hmac
from typing import Any
from urllib.parse import parse_qs

from flask import current_app, request
from marshmallow import EXCLUDE

from mixillo.blueprints.live.queries import keys, playback
from mixillo.blueprints.live.routes.blueprint import blueprint
from mixillo.blueprints.live.schemas.called import (
    MediaMtxCallSchema,
    NginxCallSchema,
    SrsAnswerSchema,
    SrsCallSchema,
)
from mixillo.blueprints.live.services import publishing
from mixillo.config import Settings
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import signed
from mixillo.errors import Forbidden, NotFound, Unauthorized

Document = dict[str, Any]
BEARER = "Bearer "
MOST = "6000/minute"  # of one media server: a hundred streams tell every second
# Of who plays, not of who publishes: nginx itself says who may.
NOT_OURS = ("update_play", "play_done", "done", "record_done")
NEEDED = "the media server's secret"
STREAM, KEY = "stream_64b7f3a2c9e77a0012ab34cd", "6f1d0c5e"
NGINX = {"call": "publish", "app": "live", "name": STREAM, "addr": "203.0.113.7", "clientid": "12", "key": KEY}
MEDIAMTX = {
    "user": "", "password": "", "token": "", "ip": "203.0.113.7", "action": "publish", "path": f"live/{STREAM}",
    "protocol": "rtmp", "id": "5c6d2b62-5f0e-4f0a-9b0a-0b6f4f0f1c11", "query": f"key={KEY}",
}  # fmt: skip
SRS = {
    "server_id": "vid-0xk989d", "action": "on_publish", "client_id": "341w361a", "ip": "203.0.113.7",
    "vhost": "__defaultVhost__", "app": "live", "tcUrl": "rtmp://media.example.com/live", "stream": STREAM,
    "param": f"?key={KEY}",
}  # fmt: skip


class PlayingRefused(Forbidden):
    """The address is not one of ours, or not any more."""

    code, title = "live_playing_refused", "The address is not valid, or not any more"


def _from_the_media_server() -> None:
    """Refuse who does not know the secret: in a header, or in the address where a media server sends no header."""
    secret = _settings().media_secret
    if not secret:
        raise NotFound("No media server is configured here.")
    authorization = request.headers.get("Authorization", "")
    header = authorization.removeprefix(BEARER) if authorization.startswith(BEARER) else ""
    offered = header or request.args.get("secret", "")
    if not hmac.compare_digest(secret.encode(), offered.encode("utf-8", "surrogatepass")):
        raise Unauthorized("Send the media server's secret.", headers={"WWW-Authenticate": "Bearer"})


@blueprint.post("/callbacks/nginx")
@signed(_from_the_media_server)
@rate_limited("media_callbacks", MOST)
@blueprint.arguments(NginxCallSchema, location="form", unknown=EXCLUDE, example=NGINX)
@blueprint.returns(200)
@blueprint.refuses(401, 403, 404, 409)
@blueprint.needs(NEEDED)
def hear_nginx(call: Document) -> Document:
    """Hear nginx-rtmp

    Its `on_publish`, `on_publish_done` and `on_update`, told apart by `call`: what is published is on the air, what is
    not any more pauses and ends, and an answer other than 2xx makes nginx cut the connection.
    """
    publisher = _publisher("nginx", call["addr"], call["clientid"])
    words = ("publish", "update_publish", "publish_done")
    if not _is_published(words, call["call"], call["name"], call["key"], publisher) and call["call"] not in NOT_OURS:
        raise PlayingRefused(f"{call['call'] or 'Nothing'} is not done here.")
    return {}


@blueprint.post("/callbacks/mediamtx")
@signed(_from_the_media_server)
@rate_limited("media_callbacks", MOST)
@blueprint.arguments(MediaMtxCallSchema, location="json", unknown=EXCLUDE, example=MEDIAMTX)
@blueprint.returns(200)
@blueprint.refuses(401, 403, 404, 409)
@blueprint.needs(NEEDED)
def hear_mediamtx(call: Document) -> Document:
    """Hear MediaMTX

    Its questions whether somebody may `publish` or `read` (`authHTTPAddress`), and what its commands send in the same
    form: `update` while a path is ready, `unpublish` when it is not any more. Who reads needs a playback address, whose
    `expires` and `signature` are in `query`.
    """
    stream_id, key = call["path"].rpartition("/")[2], _asked(call["query"], keys.PARAMETER)
    words = ("publish", "update", "unpublish")
    if not _is_published(words, call["action"], stream_id, key, _publisher("mediamtx", call["id"])):
        _check_reader(call["action"] == "read", stream_id, call["query"])
    return {}


@blueprint.post("/callbacks/srs")
@signed(_from_the_media_server)
@rate_limited("media_callbacks", MOST)
@blueprint.arguments(SrsCallSchema, location="json", unknown=EXCLUDE, example=SRS)
@blueprint.answers(SrsAnswerSchema, 200)
@blueprint.refuses(401, 403, 404, 409)
@blueprint.needs(NEEDED)
def hear_srs(call: Document) -> Document:
    """Hear SRS

    Its `on_publish`, `on_unpublish`, `on_hls` (which says that it goes on) and `on_play`, which needs a playback
    address, whose `expires` and `signature` are in `param`. The answer is the one that SRS wants.
    """
    query = call["param"].removeprefix("?")
    stream_id, key = call["stream"], _asked(query, keys.PARAMETER)
    words = ("on_publish", "on_hls", "on_unpublish")
    if not _is_published(words, call["action"], stream_id, key, _publisher("srs", call["client_id"])):
        _check_reader(call["action"] == "on_play", stream_id, query)
    return {"code": 0}


def _is_published(words: tuple[str, str, str], action: str, stream_id: str, key: str, publisher: str) -> bool:
    """Do what ``action`` says of a stream that is published, and return whether it says anything of one.

    ``words`` are the media server's own: for one that begins, goes on, and stops.
    """
    begins, goes_on, stops = words
    if action == begins:
        publishing.begin(stream_id, key, publisher)
    elif action == goes_on:
        publishing.go_on(stream_id, publisher)
    elif action == stops:
        publishing.stop(stream_id, publisher)
    return action in words


def _check_reader(is_reading: bool, stream_id: str, query: str) -> None:
    expires, signature = _asked(query, "expires"), _asked(query, "signature")
    if not is_reading or not playback.is_signed(_settings(), stream_id, expires, signature):
        raise PlayingRefused


def _asked(query: str, name: str) -> str:
    """Return the first value of ``name`` in what stands behind a question mark."""
    return parse_qs(query).get(name, [""])[0]


def _publisher(*parts: Any) -> str:
    """Return the name of a connection to a media server.

    :raises NotFound: it has none, so that nobody could tell it from others.
    """
    if not all(str(part or "") for part in parts):
        raise NotFound("The connection has no id.")
    return " ".join(str(part)[:200] for part in parts)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
