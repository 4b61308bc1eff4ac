"""Conversations and their messages, with the stored field names of the existing collections."""

from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    FloatField,
    IntField,
    ListField,
    StringField,
)

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

PRIVATE, GROUP = KINDS = ("private", "group")
TEXT, IMAGE, VIDEO, AUDIO, GIF, STICKER, GIFT, PRODUCT, LOCATION = TYPES = (
    "text", "image", "video", "audio", "gif", "sticker", "gift", "product", "location",
)  # fmt: skip
WITH_MEDIA = (IMAGE, VIDEO, AUDIO, GIF, STICKER)
NEWEST = [("createdAt", -1), ("_id", -1)]
RECENT = [("updatedAt", -1), ("_id", -1)]
ONLINE, AWAY, BUSY, OFFLINE = STATUSES = ("online", "away", "busy", "offline")


class Standing(EmbeddedDocument):
    """How one person stands to a conversation.

    Unread are messages of others behind ``lastReadAt``, which is the moment of the last message that was read.
    ``lastSentAt`` says that they have written there themselves, and are no stranger to the others any more.
    """

    userId = Ref("users", policy="report")
    unreadCount = IntField(default=0)
    lastReadAt = DateTimeField()
    lastSentAt = DateTimeField()
    isMuted = BooleanField(default=False)
    isArchived = BooleanField(default=False)
    joinedAt = DateTimeField(default=clock.now)
    leftAt = DateTimeField()


class Conversation(BaseDocument):
    """People who write to each other: two of them, once, or a group.

    ``participants`` are those who are in it now; who has left keeps a :class:`Standing`. ``updatedAt`` is never before
    the last message, each of which is later than all before it. ``messagesCount`` counts deleted ones too, which stay
    as such. What was said last is in the message alone, so that there is one place to take it back from.
    """

    meta = {"collection": "conversations"}

    participants = ListField(Ref("users", policy="report"))
    type = StringField(default=PRIVATE, choices=KINDS)
    groupName = StringField()
    groupAvatar = StringField()
    groupDescription = StringField()
    adminId = Ref("users", policy="report")
    participantStatus: Any = EmbeddedDocumentListField(Standing)
    isEncrypted = BooleanField(default=False)
    messagesCount = IntField(default=0)
    updatedAt = DateTimeField(default=clock.now)


class Place(EmbeddedDocument):
    """Somewhere on earth."""

    latitude = FloatField()
    longitude = FloatField()
    name = StringField()


class Reaction(EmbeddedDocument):
    """What somebody feels about a message; one each."""

    userId = Ref("users", policy="nullify")
    emoji = StringField()
    createdAt = DateTimeField(default=clock.now)


class Message(BaseDocument):
    """Something that was written, shown or given in a conversation.

    ``isRead`` says that somebody it was for has read it. What is deleted stays, for administrators and for the order of
    the others; it is shown without what it said.
    """

    meta = {"collection": "messages"}

    conversationId = Ref("conversations", policy="delete", required=True)
    senderId = Ref("users", policy="reassign", required=True)
    type = StringField(default=TEXT, choices=TYPES)
    text = StringField()
    mediaUrl = StringField()
    thumbnailUrl = StringField()
    giftId = Ref("gifts", policy="nullify")
    giftTransactionId = Ref("gifttransactions", policy="nullify")
    productId = Ref("products", policy="nullify")
    location = EmbeddedDocumentField(Place)
    metadata = DictField()
    replyTo = Ref("messages", policy="nullify")
    # What the sender's client calls it, which it sends again when it does not know whether it came through.
    clientId = StringField()
    isRead = BooleanField(default=False)
    readAt = DateTimeField()
    isDeleted = BooleanField(default=False)
    deletedAt = DateTimeField()
    deletedBy = Ref("users", policy="nullify")
    reactions: Any = EmbeddedDocumentListField(Reaction)
