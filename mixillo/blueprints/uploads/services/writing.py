"""The right to write to an upload: one request has it at a time, and gives it back, or loses it after a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.uploads.models import PENDING, UploadSession
from mixillo.blueprints.uploads.queries.uploads import UploadNotFound
from mixillo.blueprints.uploads.services.errors import UploadIsBusy, UploadNotOpen
from mixillo.blueprints.uploads.services.starting import PATIENCE
from mixillo.core import clock

Document = dict[str, Any]
# A worker that was killed in the middle of it is waited for so long.
LEASE = timedelta(seconds=15)
OURS = {"storedIn": {"$exists": True}}


class Writing:
    """An upload as its writer knows it. ``document`` is up to date; ``lease`` is the end of the right."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @property
    def key(self) -> str:
        """Where its bytes are."""
        return str(self.document["fileKey"])

    @property
    def received(self) -> int:
        """How many bytes are stored."""
        return int(self.document.get("received") or 0)

    def note(self, fields: Document, *, kept_for: timedelta = LEASE) -> None:
        """Store ``fields``, and keep the right for as long again.

        :raises UploadIsBusy: somebody else has it by now.
        """
        now = clock.now()
        held = {"_id": self.document["_id"], "lease": self.document["lease"], "status": PENDING}
        fields = fields | {"lease": max(now + kept_for, self.document["lease"] + timedelta(milliseconds=1))}
        fields |= {"updatedAt": now, "expiresAt": now + PATIENCE} if "status" not in fields else {"updatedAt": now}
        if not UploadSession.collection().update_one(held, {"$set": fields}).matched_count:
            raise UploadIsBusy
        self.document |= fields

    def give_back(self) -> None:
        """Let others write."""
        held = {"_id": self.document["_id"], "lease": self.document["lease"]}
        UploadSession.collection().update_one(held, {"$unset": {"lease": ""}})


@contextmanager
def writing(upload_id: ObjectId, owner_id: ObjectId | None = None) -> Iterator[Writing]:
    """Have the right to write to an upload (of ``owner_id``) inside the block.

    :raises UploadNotFound: there is no such upload of theirs.
    :raises UploadNotOpen: it is finished, or given up.
    :raises UploadIsBusy: somebody else is writing.
    """
    taken = Writing(_take(upload_id, owner_id))
    try:
        yield taken
    finally:
        taken.give_back()


def _take(upload_id: ObjectId, owner_id: ObjectId | None) -> Document:
    now: datetime = clock.now()
    where: Document = {"_id": upload_id, **OURS} | ({"userId": owner_id} if owner_id else {})
    free = where | {"status": PENDING, "$or": [{"lease": None}, {"lease": {"$lt": now}}]}
    found: Document | None = UploadSession.collection().find_one_and_update(
        free, {"$set": {"lease": now + LEASE}}, return_document=True
    )
    if found:
        return found
    known = UploadSession.collection().find_one(where, {"status": 1})
    if known is None:
        raise UploadNotFound
    if known["status"] != PENDING:
        raise UploadNotOpen(f"It is {known['status']}.")
    raise UploadIsBusy(headers={"Retry-After": "1"})
