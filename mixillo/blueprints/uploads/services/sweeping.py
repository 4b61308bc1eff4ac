"""Files that nobody needs: sent in part, or shown by nothing. In two looks, a day apart.

What is used is found by looking, not by counting: a file is in use where a stored document has its address. Between
the two looks it is still served, and whoever stores its address in time keeps it.
"""

from datetime import datetime, timedelta
from typing import Any

from mixillo.blueprints.uploads.models import COMPLETED, EXPIRED, UploadSession
from mixillo.blueprints.uploads.queries import places
from mixillo.blueprints.uploads.services import removing
from mixillo.blueprints.uploads.services.starting import settings
from mixillo.blueprints.uploads.services.storage import storage
from mixillo.core import clock
from mixillo.core.db import ops_database

Document = dict[str, Any]
AT_ONCE = 200
SECOND_LOOK = timedelta(days=1)
# One instance sweeps, so often.
EVERY = timedelta(hours=1)
STATE = "mediasweeps"
KEY_LENGTH = 22


def sweep(now: datetime | None = None) -> dict[str, int]:
    """Look at the uploads whose time has come; return how many were ``kept``, are ``expired`` and are ``removed``."""
    now = now or clock.now()
    where = {"storedIn": storage().name, "expiresAt": {"$lte": now}}
    due = list(UploadSession.collection().find(where, sort=[("expiresAt", 1)], limit=AT_ONCE))
    used = places.used([upload["fileKey"] for upload in due])
    counts = {"kept": 0, "expired": 0, "removed": 0}
    for upload in due:
        counts[_decide(upload, upload["fileKey"] in used, now)] += 1
    return counts


def _decide(upload: Document, used: bool, now: datetime) -> str:
    """Do what is to be done with an upload that is as it was a moment ago."""
    unchanged = {name: upload[name] for name in ("_id", "status", "expiresAt")}
    if used:
        again = {"expiresAt": now + timedelta(days=max(1, settings().upload_orphan_days)), "status": COMPLETED}
        UploadSession.collection().update_one(unchanged, {"$set": again})
        return "kept"
    if upload["status"] != EXPIRED:
        gone = {"status": EXPIRED, "expiresAt": now + SECOND_LOOK, "updatedAt": now, "arrivedAt": None}
        UploadSession.collection().update_one(unchanged, {"$set": gone})
        return "expired"
    removing.forget(upload)
    return "removed"


def sweep_strays() -> int:
    """Remove bytes that no upload knows of, and return under how many keys; it goes on where it was.

    An upload is stored before its first byte: what has none was left behind by a removal that was cut off.
    """
    after = (ops_database()[STATE].find_one({"_id": "strays"}) or {}).get("after", "")
    keys = storage().keys(after, AT_ONCE)
    known = set(
        UploadSession.collection().distinct("fileKey", {"fileKey": {"$in": [key[:KEY_LENGTH] for key in keys]}})
    )
    strays = [key for key in keys if key[:KEY_LENGTH] not in known]
    for key in strays:
        storage().delete(key)
    place = keys[-1] if len(keys) == AT_ONCE else ""
    ops_database()[STATE].update_one({"_id": "strays"}, {"$set": {"after": place}}, upsert=True)
    return len(strays)


def sweep_when_due() -> bool:
    """Sweep, unless this or another instance did so a short while ago."""
    now = clock.now()
    state = ops_database()[STATE]
    if state.find_one({"_id": "sweep", "claimedAt": {"$gt": now - EVERY}}, {"_id": 1}):
        return False
    # Whoever sets the moment sweeps; the others find it fresh.
    old = state.find_one_and_update({"_id": "sweep"}, {"$set": {"claimedAt": now}}, upsert=True)
    if old and old["claimedAt"] > now - EVERY:
        return False
    while sum(sweep(now).values()) == AT_ONCE:
        continue
    sweep_strays()
    return True
