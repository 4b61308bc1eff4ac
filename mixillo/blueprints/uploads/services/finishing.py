"""Looking at a file that has arrived: what it is, made clean, and made ready to be shown.

Each step can be done again: a process that is killed in between leaves an upload that is finished by the next one.
"""

from datetime import timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.uploads.models import COMPLETED, UploadSession
from mixillo.blueprints.uploads.queries.uploads import UploadNotFound
from mixillo.blueprints.uploads.services import boxes, films, kinds, pictures, receiving, removing, scratch
from mixillo.blueprints.uploads.services.errors import (
    NotAllThere,
    TooLarge,
    Unreadable,
    UploadIsBusy,
    UploadNotOpen,
    WrongType,
)
from mixillo.blueprints.uploads.services.kinds import Kind
from mixillo.blueprints.uploads.services.pictures import Picture
from mixillo.blueprints.uploads.services.pieces import Pieces
from mixillo.blueprints.uploads.services.starting import charge, direct_limit, limit, settings
from mixillo.blueprints.uploads.services.storage import storage
from mixillo.blueprints.uploads.services.writing import Writing, writing
from mixillo.core import clock

Document = dict[str, Any]
# Longer than looking into a file can take.
LOOKING = timedelta(minutes=5)
LEFT_ALONE = timedelta(minutes=1)


def finish(upload: Writing) -> None:
    """Make a file that has arrived ready to be shown.

    :raises WrongType: it is nothing that is taken.
    :raises Unreadable: it cannot be read as what it begins like.
    :raises TooLarge: it is a picture of more bytes than are looked at.
    :raises ServiceUnavailable: too many files wait already; it is finished later, or by asking again.
    """
    upload.note({}, kept_for=LOOKING)
    try:
        found = _looked_at(upload)
    except (WrongType, Unreadable, TooLarge) as refusal:
        removing.fail(upload, refusal)
        raise
    now = clock.now()
    looked_for_again = now + timedelta(days=settings().upload_orphan_days)
    upload.note(found | {"status": COMPLETED, "completedAt": now, "expiresAt": looked_for_again, "arrivedAt": None})


def complete(owner_id: ObjectId, upload_id: ObjectId) -> None:
    """Finish what its owner says has arrived; one that is finished already is left alone.

    :raises UploadNotFound: there is no such upload of theirs.
    :raises NotAllThere: bytes are missing.
    """
    try:
        with writing(upload_id, owner_id) as upload:
            if not upload.document.get("arrivedAt"):
                take_over(upload)
            finish(upload)
    except UploadNotOpen:
        where = {"_id": upload_id, "userId": owner_id, "status": COMPLETED}
        if UploadSession.collection().find_one(where, {"_id": 1}) is None:
            raise


def take_over(upload: Writing) -> None:
    """Take over what was sent to a signed address of the storage, piece by piece.

    The address outlives the file's arrival: what lies under it could be replaced after it was looked at.

    :raises NotAllThere: there is nothing.
    :raises TooLarge: it has more bytes than are taken.
    """
    key = removing.incoming_key(upload.key)
    stored = storage().find(key)
    if stored is None:
        raise NotAllThere("Not all of its bytes have arrived.")
    most = upload.document["fileSize"] or limit(settings())
    if stored.size > most:
        raise TooLarge(f"It has more than {most} bytes.")
    charge(0 if upload.document["fileSize"] else stored.size)
    receiving.restart(upload)
    receiving.receive(upload, _Reader(storage().read(key, 0, stored.size)), offset=0, most=most)  # type: ignore[arg-type]
    receiving.arrived(upload)
    storage().delete(key)


def finish_forgotten(limit: int = 20) -> int:
    """Finish files that have arrived and whose process is gone, and return how many."""
    left = {"arrivedAt": {"$lt": clock.now() - LEFT_ALONE, "$type": "date"}}
    done = 0
    for found in UploadSession.collection().find(left, {"_id": 1}, sort=[("arrivedAt", 1)], limit=limit):
        try:
            with writing(found["_id"]) as upload:
                finish(upload)
            done += 1
        except (UploadIsBusy, UploadNotOpen, UploadNotFound, WrongType, Unreadable, TooLarge):
            continue  # somebody is at it, or it is no good
    return done


def _looked_at(upload: Writing) -> Document:
    """Return what is to be stored of the file."""
    file = Pieces(storage(), upload.key, upload.received)
    kind = kinds.kind_of(file.read(0, kinds.HEAD))
    if kind is None:
        raise WrongType(f"By its content it is none of {', '.join(kinds.BY_TYPE)}.")
    if kind.family == kinds.PICTURE:
        return _picture(upload, file, kind)
    return _film(upload, file, kind)


def _picture(upload: Writing, file: Pieces, kind: Kind) -> Document:
    """Keep what is made of a picture instead of it."""
    if file.size > direct_limit(settings()):
        raise TooLarge(f"Pictures may have up to {direct_limit(settings())} bytes.")
    with scratch.copied(file) as copy:
        made = pictures.clean(copy, kind)
    variants = _kept(upload, made)
    upload.note({"variants": variants}, kept_for=LOOKING)
    storage().delete(upload.key)
    largest = variants[0]
    return {
        "contentType": largest["contentType"], "fileSize": largest["fileSize"],
        "width": largest["width"], "height": largest["height"],
    }  # fmt: skip


def _film(upload: Writing, file: Pieces, kind: Kind) -> Document:
    """Keep a video or sound as it came, but for what it tells of people and places."""
    parts = [(0, scratch.BEGINNING)]
    if kind.reader == kinds.MP4.reader:
        described = boxes.scrub(file)
        parts.append((described.start, min(described.end, described.start + scratch.BEGINNING)))
    with scratch.sketched(file, parts) as sketch:
        film = films.look(sketch, kind)
    variants = _kept(upload, film.posters)
    storage().finish(upload.key, file.size, kind.content_type)
    known = {"duration": film.duration, "width": film.width, "height": film.height}
    found = {"contentType": kind.content_type, "fileSize": file.size, "variants": variants}
    return found | {name: value for name, value in known.items() if value is not None}


def _kept(upload: Writing, made: list[Picture] | tuple[Picture, ...]) -> list[Document]:
    """Store pictures beside the file, and return how they are listed."""
    variants = []
    for picture in made:
        key, step = f"{upload.key}-{picture.name}", storage().piece_bytes
        for number in range(-(-len(picture.data) // step)):
            storage().put_piece(key, number, picture.data[number * step : (number + 1) * step])
        storage().finish(key, len(picture.data), picture.content_type)
        variants.append(
            {
                "name": picture.name,
                "fileKey": key,
                "contentType": picture.content_type,
                "width": picture.width,
                "height": picture.height,
                "fileSize": len(picture.data),
            }  # fmt: skip
        )
    return variants


class _Reader:
    """What comes in portions, to be read in others."""

    def __init__(self, portions: Any) -> None:
        self._portions, self._left = portions, b""

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; none at the end."""
        if not self._left:
            self._left = next(self._portions, b"")
        data, self._left = self._left[:size], self._left[size:]
        return data
