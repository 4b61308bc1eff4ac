"""What the three people who can sign in have sent: pictures that can be looked at, a video on its way, a refusal.

The files are drawn here and laid out as the product lays them out, in the technical database.
"""

import hashlib
import io
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta

from bson import Binary
from PIL import Image, ImageDraw

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.world import NAME, World
from mixillo.ops.datasets.documents import Document

SESSIONS, FILES, CHUNKS = "uploadsessions", "media.files", "media.chunks"
PIECE_BYTES, KEY_LENGTH = 512 * 1024, 22
LARGE, SMALL = (640, 480), (320, 240)
LOOKED_FOR_AFTER, PATIENCE = timedelta(days=7), timedelta(hours=24)
PICTURES = {"ada": ("harbour",), "sam": ("kiln", "shelf"), "una": ("tram", "roof", "sea")}
SKIES = ((244, 190, 120), (120, 170, 220), (200, 140, 170), (150, 200, 170), (240, 220, 160), (90, 110, 170))
Batch = tuple[str, list[Document]]


def uploads(world: World, people: People) -> Iterator[Batch]:
    """Yield the uploads, and their files for the technical database."""
    sessions, files, chunks = [], [], []
    named = [(who, name) for who, names in PICTURES.items() for name in names]
    for number, (who, name) in enumerate(named):
        session = _picture(world, people.named(who), name, number)
        for variant, data in zip(session["variants"], _drawn(number), strict=True):
            variant["fileSize"] = len(data)
            files.append(_file(session, variant))
            chunks.append(_chunk(world, session, variant, data))
        session["fileSize"] = session["variants"][0]["fileSize"]
        sessions.append(session)
    sessions += [_pending(world, people.named("una")), _failed(world, people.named("una"))]
    yield SESSIONS, sessions
    yield FILES, files
    yield CHUNKS, chunks


def _session(world: World, owner: Document, filename: str, hours: int, **fields: object) -> Document:
    sent = world.ago(hours=hours)
    known = {
        "userId": owner["_id"], "fileKey": _key(owner["username"], filename), "filename": filename,
        "storedIn": "gridfs", "variants": [], "expiresAt": sent + PATIENCE,
    }  # fmt: skip
    return world.make.stamped(SESSIONS, sent, known | fields)


def _picture(world: World, owner: Document, name: str, number: int) -> Document:
    filename = f"{name}.jpg"
    key = _key(owner["username"], filename)
    sizes = {"large": LARGE, "small": SMALL}
    variants = [
        {
            "name": size, "fileKey": f"{key}-{size}", "contentType": "image/jpeg", "width": width, "height": height,
        }
        for size, (width, height) in sizes.items()
    ]  # fmt: skip
    hours = number * 7 + 1
    return _session(
        world, owner, filename, hours, contentType="image/jpeg", status="completed", way="direct", width=LARGE[0],
        height=LARGE[1], variants=variants, completedAt=world.ago(hours=hours),
        expiresAt=world.ago(hours=hours) + LOOKED_FOR_AFTER,
    )  # fmt: skip


def _pending(world: World, owner: Document) -> Document:
    """Return a video whose line broke at the beginning."""
    return _session(
        world, owner, "walk.mp4", 2, contentType="video/mp4", status="pending", way="resumable",
        fileSize=80 * 1024 * 1024, received=0,
    )  # fmt: skip


def _failed(world: World, owner: Document) -> Document:
    return _session(
        world, owner, "poster.svg", 3, contentType="application/octet-stream", status="failed", way="direct",
        fileSize=2_048, completedAt=world.ago(hours=3), error="By its content it is nothing that is taken.",
    )  # fmt: skip


def _file(session: Document, variant: Document) -> Document:
    return {
        "_id": variant["fileKey"], "filename": variant["fileKey"], "length": variant["fileSize"],
        "chunkSize": PIECE_BYTES, "uploadDate": session["createdAt"], "contentType": variant["contentType"],
        "metadata": {"whole": True}, "dataset": NAME,
    }  # fmt: skip


def _chunk(world: World, session: Document, variant: Document, data: bytes) -> Document:
    chunk_id = world.make.new_id(CHUNKS, session["createdAt"])
    return {"_id": chunk_id, "files_id": variant["fileKey"], "n": 0, "data": Binary(data), "dataset": NAME}


def _key(*parts: str) -> str:
    digest = hashlib.sha256("/".join((NAME, *parts)).encode()).digest()
    return urlsafe_b64encode(digest).decode()[:KEY_LENGTH]


def _drawn(number: int) -> Iterator[bytes]:
    """Yield a picture of hills under a sky, large and small."""
    sky = SKIES[number % len(SKIES)]
    picture = Image.new("RGB", LARGE, sky)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((400 - 30 * number, 60, 480 - 30 * number, 140), fill=(255, 250, 230))
    for hill in range(4):
        shade = tuple(max(0, part - 45 * (hill + 1)) for part in sky)
        middle, top = (hill * 230 + number * 70) % 640, 200 + 60 * hill
        pen.ellipse((middle - 420, top, middle + 420, top + 700), fill=shade)
    for size in (LARGE, SMALL):
        out = io.BytesIO()
        picture.resize(size).save(out, "JPEG", quality=85)
        yield out.getvalue()
