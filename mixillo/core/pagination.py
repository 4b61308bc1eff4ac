"""Lists: one way to page through them, by number or by a signed cursor."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.errors import BSONError
from flask import current_app
from pymongo.collection import Collection

from mixillo.core.db import hinted
from mixillo.errors import ValidationFailed

SIGNATURE_BYTES = 16
OPTIONS: CodecOptions = CodecOptions(tz_aware=True)
Sort = list[tuple[str, int]]


def paginate(
    collection: Collection,
    where: dict[str, Any],
    query: dict[str, Any],
    *,
    sort: Sort,
    projection: dict[str, Any] | None = None,
    also: dict[str, Any] | None = None,
    hint: str | None = None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return one page of ``collection`` and its ``pagination`` object.

    ``query`` is what :class:`~mixillo.core.schemas.PageQuery` loaded. ``sort`` must end with a unique field
    (``_id``), so that a cursor names one place; its fields must be stored in every document. ``also`` narrows the
    list too, but a cursor outlives its changes: it is for what depends on the moment. ``hint`` names the index to use.

    :raises ValidationFailed: the cursor was made for another list or was tampered with.
    """
    found = {"$and": [where, also]} if also else where
    if cursor := query.get("cursor"):
        place = decode_cursor(cursor, where, sort)
        documents = _find(collection, {"$and": [found, after(sort, place)]}, sort, projection, query["limit"], hint)
    else:
        skipped = (query["page"] - 1) * query["limit"]
        documents = _find(collection, found, sort, projection, query["limit"], hint, skipped)
    has_more = len(documents) > query["limit"]
    documents = documents[: query["limit"]]
    pagination: dict[str, Any] = {
        "limit": query["limit"],
        "hasMore": has_more,
        "nextCursor": encode_cursor(documents[-1], where, sort) if has_more else None,
    }
    if not cursor:
        pagination["page"] = query["page"]
        if query["total"]:
            # Nothing is left out of a whole collection, whose size the server knows without reading it.
            total = collection.count_documents(found) if found else collection.estimated_document_count()
            pagination |= {"total": total, "pages": -(-total // query["limit"])}
    return documents, pagination


def after(sort: Sort, place: list[Any]) -> dict[str, Any]:
    """Return the filter of what follows ``place`` (the values of the sort fields) in ``sort``.

    The first field is bounded outside the alternatives, so that the index scan starts at the place instead
    of filtering its way there.
    """
    alternatives = []
    for position, (field, direction) in enumerate(sort):
        same = {name: place[i] for i, (name, _) in enumerate(sort[:position])}
        alternatives.append(same | {field: {"$gt" if direction > 0 else "$lt": place[position]}})
    first, direction = sort[0]
    return {first: {"$gte" if direction > 0 else "$lte": place[0]}, "$or": alternatives}


def encode_cursor(document: dict[str, Any], where: dict[str, Any], sort: Sort) -> str:
    """Return the opaque cursor of the place behind ``document``, valid for this filter and order only."""
    payload = bson.encode({"v": [document[field] for field, _ in sort]})
    return urlsafe_b64encode(_signature(payload, where, sort) + payload).decode().rstrip("=")


def decode_cursor(cursor: str, where: dict[str, Any], sort: Sort) -> list[Any]:
    """Return the values of the sort fields at the place of ``cursor``.

    :raises ValidationFailed: it was not made by us for this filter and order.
    """
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        signature, payload = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if hmac.compare_digest(signature, _signature(payload, where, sort)):
            return bson.decode(payload, OPTIONS)["v"]
    except (ValueError, BSONError):
        pass
    raise ValidationFailed.of("cursor", "Not a cursor of this list; start again without one.")


def _find(
    collection: Collection,
    where: dict[str, Any],
    sort: Sort,
    projection: dict[str, Any] | None,
    limit: int,
    hint: str | None,
    skipped: int = 0,
) -> list[dict[str, Any]]:
    """Return up to one document more than ``limit``: it tells whether there is a next page."""
    return hinted(
        lambda index: list(collection.find(where, projection, sort=sort, skip=skipped, limit=limit + 1, hint=index)),
        hint,
    )


def _signature(payload: bytes, where: dict[str, Any], sort: Sort) -> bytes:
    bound = bson.encode({"where": where, "sort": [list(pair) for pair in sort]})
    return hmac.digest(current_app.config["CURSOR_KEY"], bound + payload, hashlib.sha256)[:SIGNATURE_BYTES]
