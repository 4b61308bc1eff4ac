"""The dashboard's own files: each URL carries the hash of its content, so that browsers may keep it for ever."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from flask import request, url_for

STATIC = Path(__file__).parents[2] / "static"
FILES = (
    "vendor/pico-2.1.1/pico.classless.min.css",
    "dashboard/ops.css",
    "vendor/htmx-2.0.11/htmx.min.js",
    "vendor/socket.io-client-4.8.4/socket.io.min.js",
    "dashboard/ops.js",
    "dashboard/events.js",
    "dashboard/icons.svg",
    "dashboard/favicon.svg",
)


@dataclass(frozen=True)
class Asset:
    """One file, plain and compressed; ``digest`` names its content."""

    raw: bytes
    compressed: bytes
    digest: str
    mimetype: str


@cache
def load(name: str) -> Asset:
    """Return the file called ``name``.

    :raises KeyError: it is not one of ``FILES``.
    """
    if name not in FILES:
        raise KeyError(name)
    raw = (STATIC / name).read_bytes()
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(raw, gzip.compress(raw, 9, mtime=0), hashlib.sha256(raw).hexdigest()[:12], mimetype)


def asset(name: str) -> str:
    """Return the URL of the file called ``name``."""
    return _url(request.script_root, name)


@lru_cache(len(FILES) * 4)
def _url(_root: str, name: str) -> str:
    """Build the URL once: a page has hundreds of icons, and building took a fifth of its time."""
    return url_for("dashboard.asset_file", digest=load(name).digest, name=name)
