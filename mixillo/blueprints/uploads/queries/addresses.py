"""Where a file is shown: its key is the address, and knowing it is the right to see it."""

import re
from typing import Any

PREFIX = "/api/media/"
ADDRESS = re.compile(re.escape(PREFIX) + r"([A-Za-z0-9_-]{22})(?:-[a-z]+)?\.[a-z0-9]{3,4}\b")
EXTENSIONS = {
    "image/jpeg": "jpg", "image/webp": "webp", "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm",
    "audio/mpeg": "mp3", "audio/mp4": "m4a",
}  # fmt: skip
LARGE, SMALL = "large", "small"
Document = dict[str, Any]


def address(base_url: str, key: str, content_type: str) -> str:
    """Return the address of the file under ``key``; the extension is for players that look at it."""
    return f"{base_url}{PREFIX}{key}.{EXTENSIONS.get(content_type, 'bin')}"


def of(upload: Document, base_url: str) -> Document:
    """Return ``url``, ``thumbnailUrl`` and ``variants`` of a finished upload."""
    variants = [
        {
            "name": variant["name"],
            "url": address(base_url, variant["fileKey"], variant["contentType"]),
            "width": variant["width"],
            "height": variant["height"],
        }
        for variant in upload.get("variants") or ()
    ]
    named = {variant["name"]: variant["url"] for variant in variants}
    is_picture = upload["contentType"].startswith("image/")
    url = named.get(LARGE) if is_picture else address(base_url, upload["fileKey"], upload["contentType"])
    return {"url": url, "thumbnailUrl": named.get(SMALL, named.get(LARGE)), "variants": variants}
