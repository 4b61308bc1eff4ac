"""Documents as the bytes they are stored in: what is hashed, kept and put back is never decoded and encoded."""

import hashlib
import zlib
from collections.abc import Iterable
from typing import Any

import bson
from bson import Binary, CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database

# Stored dates may lie outside of what Python can hold.
RAW: CodecOptions[RawBSONDocument] = CodecOptions(
    RawBSONDocument, tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_AUTO
)
DECODED: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_AUTO
)


def raw(database: Database, name: str) -> Collection[RawBSONDocument]:
    """Return a collection whose documents are read and written as bytes."""
    return database[name].with_options(codec_options=RAW)


def fetch(
    database: Database, name: str, ids: Iterable[Any], session: ClientSession | None = None
) -> dict[bytes, RawBSONDocument]:
    """Return the documents with one of ``ids``, by :func:`key` of their id; those that are gone are not in it."""
    found = raw(database, name).find({"_id": {"$in": list(ids)}}, session=session)
    return {key(document["_id"]): document for document in found}


def key(document_id: Any) -> bytes:
    """Return an ``_id`` of whatever type as something to look it up by."""
    return bson.encode({"": document_id})


def digest(document: RawBSONDocument) -> str:
    """Return the SHA-256 of the stored bytes."""
    return hashlib.sha256(document.raw).hexdigest()


def decoded(document: RawBSONDocument) -> dict[str, Any]:
    """Return ``document`` as a dictionary."""
    return bson.decode(document.raw, DECODED)


def packed(document: RawBSONDocument) -> Binary:
    """Return the stored bytes in the form in which they are kept; compressed, so that the largest fits too."""
    return Binary(zlib.compress(document.raw))


def unpacked(kept: bytes) -> RawBSONDocument:
    """Return the document that was kept."""
    return RawBSONDocument(zlib.decompress(kept), RAW)
