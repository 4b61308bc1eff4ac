"""Uploads, with the stored field names of the existing collection and what the new system needs besides."""

from mongoengine import (
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    FloatField,
    IntField,
    ListField,
    StringField,
)

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

PENDING, COMPLETED, FAILED, EXPIRED = STATUSES = ("pending", "completed", "failed", "expired")
DIRECT, RESUMABLE, SIGNED = WAYS = ("direct", "resumable", "signed")
NEWEST = [("createdAt", -1), ("_id", -1)]


class Variant(EmbeddedDocument):
    """A picture that was made of the file: the file itself in a size, or a frame of it."""

    name = StringField(required=True)
    fileKey = StringField(required=True)
    contentType = StringField(required=True)
    width = IntField(required=True)
    height = IntField(required=True)
    fileSize = IntField(required=True)


class UploadSession(BaseDocument):
    """A file of somebody's, from its announcement on.

    ``fileKey`` names its bytes in the storage and is the secret of its address; of a picture only ``variants`` are
    kept. ``expiresAt`` is when to look at it again: whoever has not finished sending by then has given up, and what
    nothing shows then goes. ``received`` counts the bytes that are stored, ``lease`` is how long somebody is
    writing, ``arrivedAt`` is there while the file waits to be looked at. Without
    ``storedIn`` it is a row of the existing system, whose files are elsewhere.
    """

    meta = {"collection": "uploadsessions"}

    userId = Ref("users", policy="delete", required=True)
    fileKey = StringField(required=True)
    filename = StringField(required=True)
    contentType = StringField(required=True)
    fileSize = IntField(default=0)
    status = StringField(default=PENDING, choices=STATUSES)
    contentId = Ref("contents", policy="nullify")
    expiresAt = DateTimeField(required=True)
    completedAt = DateTimeField()
    error = StringField()
    updatedAt = DateTimeField(default=clock.now)
    storedIn = StringField()
    way = StringField(choices=WAYS)
    received = IntField(default=0)
    lease = DateTimeField()
    arrivedAt = DateTimeField()
    width = IntField()
    height = IntField()
    duration = FloatField()
    variants = ListField(EmbeddedDocumentField(Variant))


class TranscodeJob(BaseDocument):
    """A conversion that the existing system has done or asked for; nothing here writes any."""

    meta = {"collection": "transcodejobs"}

    contentId = Ref("contents", policy="nullify")
    uploadSessionId = Ref("uploadsessions", policy="nullify")
