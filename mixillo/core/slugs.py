"""Slugs: names as they stand in addresses, and things asked for by id or slug."""

import re
import unicodedata
from typing import Any

from bson import ObjectId

MAX_LENGTH = 80
ID = re.compile(r"[0-9a-fA-F]{24}")


def slugify(name: str) -> str:
    """Return ``name`` in lower case, accents dropped, words joined by hyphens; empty where it has no letter or digit.

    Letters of other scripts stay as they are: browsers show them.
    """
    spelled = name.casefold().replace("&", " and ").replace("'", "").replace("’", "")
    plain = "".join(c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c))
    return "-".join(re.findall(r"[^\W_]+", plain))[:MAX_LENGTH].rstrip("-")


def by_id_or_slug(text: str) -> dict[str, Any]:
    """Return the filter of what has ``text`` as its id, when it can be one, or as its slug."""
    return {"_id": ObjectId(text)} if ID.fullmatch(text) else {"slug": text}
