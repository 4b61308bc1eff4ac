"""Addresses that say themselves who may write where, and until when: for those who send no token with a file."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from flask import current_app

from mixillo.blueprints.uploads.services.removing import incoming_key
from mixillo.blueprints.uploads.services.starting import limit, settings
from mixillo.blueprints.uploads.services.storage import SignedAddress, storage
from mixillo.core import clock
from mixillo.errors import Forbidden

Document = dict[str, Any]
VALID = timedelta(hours=1)


class SignatureRefused(Forbidden):
    """The address was not made by us, or its time is over."""

    code, title = "signature_refused", "The address is not valid, or not any more"


def address_of(upload: Document) -> tuple[SignedAddress, datetime]:
    """Return where the bytes of an upload may be put, and until when."""
    until = clock.now() + VALID
    most = upload["fileSize"] or limit(settings())
    seconds = int(VALID.total_seconds())
    given = storage().address_to_write(incoming_key(upload["fileKey"]), upload["contentType"], most, seconds)
    if given:
        return given, until
    expires = int(until.timestamp())
    path = f"/api/uploads/{upload['_id']}/data?expires={expires}&signature={_signature(upload['_id'], expires)}"
    return SignedAddress(settings().base_url + path, {"Content-Type": upload["contentType"]}), until


def verify(upload_id: ObjectId, expires: str, signature: str) -> None:
    """Check an address of ours.

    :raises SignatureRefused: it is none, or its time is over.
    """
    is_ours = expires.isdecimal() and len(expires) < 12
    if not is_ours or not hmac.compare_digest(_signature(upload_id, int(expires)).encode(), signature.encode()):
        raise SignatureRefused
    if int(expires) < clock.now().timestamp():
        raise SignatureRefused("Its time is over; ask for another one.")


def _signature(upload_id: ObjectId, expires: int) -> str:
    signed = f"upload {upload_id} {expires}".encode()
    return hmac.digest(current_app.config["CURSOR_KEY"], signed, hashlib.sha256)[:20].hex()
