"""Streams, who watches them, what is said in them and what they sell, with the stored field names."""

from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    DynamicField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)
from pymongo import ASCENDING, DESCENDING, IndexModel

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

SCHEDULED, STARTING, LIVE, PAUSED, ENDED, FAILED = STATUSES = (
    "scheduled", "starting", "live", "paused", "ended", "failed",
)  # fmt: skip
# Of these a host has one at a time, by a unique index.
RUNNING = [STARTING, LIVE, PAUSED]
# In these people watch.
ON_AIR = [LIVE, PAUSED]
# Our own media server, whose callbacks say when a stream is there; with the others the app itself knows.
RTMP = "rtmp"
AGORA, ZEGOCLOUD, WEBRTC, LIVEKIT = BY_APP = ("agora", "zegocloud", "webrtc", "livekit")
PROVIDERS = (*BY_APP, RTMP)
TYPES = ("solo", "pk_battle", "1v1", "2v2", "multi_host", "guest")
ROLES = ("host", "co-host", "guest", "moderator")
NEWEST = [("createdAt", -1), ("_id", -1)]


class Participant(EmbeddedDocument):
    """Somebody who is on the air with the host; who only watches has a row in ``liveparticipants``."""

    userId = Ref("users", policy="nullify")
    role = StringField(default="guest", choices=ROLES)
    joinedAt = DateTimeField()
    leftAt = DateTimeField()
    isMuted = BooleanField(default=False)
    isCameraOff = BooleanField(default=False)


class GiftReceived(EmbeddedDocument):
    """A gift as the existing system lists it, without an end; ours are records of ``gifttransactions``."""

    giftId = Ref("gifts", policy="report")
    fromUserId = Ref("users", policy="nullify")
    quantity = IntField()
    value = DynamicField()
    timestamp = DateTimeField()


class Banned(EmbeddedDocument):
    """Somebody who is not to come in again."""

    userId = Ref("users", policy="report")
    bannedAt = DateTimeField()
    reason = StringField()


class Publisher(EmbeddedDocument):
    """Who sends the media to our media server, and when it last said so.

    ``endsAt`` is set when nobody does any more: when the stream ends, unless somebody comes back.
    """

    name = StringField()
    seenAt = DateTimeField()
    endsAt = DateTimeField()


class Livestream(BaseDocument):
    """One stream. The state machine is in :mod:`.services.states`, and nothing else writes ``status``.

    ``statusAt`` is when it came into its state; ``aliveAt`` when its host or its media were last seen, which streams
    of the existing system lack. ``streamKey`` is of that system only. ``duration`` and ``totalWatchTime`` are seconds;
    ``totalGiftsValue`` are coins.
    """

    meta = {"collection": "livestreams"}

    hostId = Ref("users", policy="reassign", required=True)
    title = StringField(required=True)
    description = StringField()
    thumbnailUrl = StringField()
    provider = StringField(required=True, choices=PROVIDERS)
    streamId = StringField(required=True)
    channelId = StringField()
    rtmpUrl = StringField()
    streamKey = StringField()
    hlsUrl = StringField()
    websocketUrl = StringField()
    type = StringField(default="solo", choices=TYPES)
    status = StringField(default=STARTING, choices=STATUSES)
    statusAt = DateTimeField()
    aliveAt = DateTimeField()
    publisher = EmbeddedDocumentField(Publisher)
    isSettled = BooleanField()
    isPrivate = BooleanField(default=False)
    isFeatured = BooleanField(default=False)
    allowedUsers: Any = ListField(Ref("users", policy="report"))
    participants: Any = EmbeddedDocumentListField(Participant)
    currentViewers = IntField(default=0)
    peakViewers = IntField(default=0)
    totalViews = IntField(default=0)
    likesCount = IntField(default=0)
    likesToldAt = DateTimeField()
    sharesCount = IntField(default=0)
    giftsReceived: Any = EmbeddedDocumentListField(GiftReceived)
    giftsCount = IntField(default=0)
    totalGiftsValue = DynamicField(default=0)
    chatRoomId = StringField()
    messagesCount = IntField(default=0)
    pinnedMessageId = Ref("livemessages", policy="nullify")
    slowModeSeconds = IntField(default=0)
    allowComments = BooleanField(default=True)
    allowGifts = BooleanField(default=True)
    allowSharing = BooleanField(default=True)
    isRecorded = BooleanField(default=False)
    recordingUrl = StringField()
    recordingDuration = IntField()
    scheduledFor = DateTimeField()
    startedAt = DateTimeField()
    endedAt = DateTimeField()
    duration = IntField()
    moderators: Any = ListField(Ref("users", policy="nullify"))
    bannedUsers: Any = EmbeddedDocumentListField(Banned)
    avgWatchTime = IntField()
    totalWatchTime = IntField()
    uniqueViewers = IntField(default=0)
    returningViewers = IntField()
    failureReason = StringField()
    failureTimestamp = DateTimeField()
    updatedAt = DateTimeField(default=clock.now)


class LiveParticipant(BaseDocument):
    """Somebody in a stream, once however often they come.

    ``isHere`` while they watch, since ``visitSince``, seen last at ``lastSeenAt``; ``watchSeconds`` adds up the visits
    that are over. What the host has decided about them holds until ``mutedUntil`` and ``kickedUntil``.
    """

    meta = {"collection": "liveparticipants"}
    INDEXES = (
        IndexModel([("livestreamId", ASCENDING), ("userId", ASCENDING)], unique=True),
        IndexModel("lastSeenAt", name="here", partialFilterExpression={"isHere": True}),
        IndexModel("userId"),
    )

    livestreamId = Ref("livestreams", policy="delete", required=True)
    userId = Ref("users", policy="delete", required=True)
    joinedAt = DateTimeField(default=clock.now)
    lastSeenAt = DateTimeField(default=clock.now)
    isHere = BooleanField(default=False)
    visitSince = DateTimeField()
    visits = IntField(default=0)
    watchSeconds = IntField(default=0)
    mutedUntil = DateTimeField()
    kickedUntil = DateTimeField()
    lastSaidAt = DateTimeField()


class LiveMessage(BaseDocument):
    """One line of a stream's chat; ``seq`` is its number in the room. One that was removed keeps its text."""

    meta = {"collection": "livemessages"}
    INDEXES = (
        IndexModel([("livestreamId", ASCENDING), ("createdAt", DESCENDING), ("_id", DESCENDING)], name="newest"),
        IndexModel(
            [("livestreamId", ASCENDING), ("userId", ASCENDING), ("clientId", ASCENDING)],
            unique=True,
            name="once",
            partialFilterExpression={"clientId": {"$exists": True}},
        ),
        IndexModel("userId"),
    )

    livestreamId = Ref("livestreams", policy="delete", required=True)
    userId = Ref("users", policy="delete", required=True)
    text = StringField(required=True)
    clientId = StringField()
    seq = IntField(required=True)
    deletedAt = DateTimeField()
    deletedBy = Ref("users", policy="nullify")


class Featured(EmbeddedDocument):
    """A product as it is shown in a stream."""

    productId = Ref("products", policy="nullify")
    displayOrder = IntField()
    featuredAt = DateTimeField()


class PlacedOrder(EmbeddedDocument):
    """An order that came of a stream.

    ``total`` is what the host's goods in it that the stream showed (``productIds``) come to now, in ``currency``,
    which orders of the existing system lack: nothing while it is not paid, or when it was cancelled.
    """

    orderId = Ref("orders", policy="report")
    placedAt = DateTimeField()
    total = DynamicField()
    currency = StringField()
    productIds = ListField(Ref("products", policy="report"))


class ShoppingSession(BaseDocument):
    """What a stream sells; ``pinnedProductId`` is what is shown now.

    ``totalOrders`` and ``totalRevenue`` are made of those of ``orders`` that are worth something, in ``currency``;
    how many of its viewers bought is reckoned when it is asked for.
    """

    meta = {"collection": "liveshoppingsessions"}

    livestreamId = Ref("livestreams", policy="delete", required=True)
    hostId = Ref("users", policy="reassign", required=True)
    featuredProducts: Any = EmbeddedDocumentListField(Featured)
    pinnedProductId = Ref("products", policy="nullify")
    orders: Any = EmbeddedDocumentListField(PlacedOrder)
    totalRevenue = DynamicField(default=0)
    totalOrders = IntField(default=0)
    currency = StringField()
    conversionRate = DynamicField(default=0)
    updatedAt = DateTimeField(default=clock.now)


class StreamProvider(BaseDocument):
    """Somebody who carries media; ``config`` holds secrets and is shown to nobody."""

    meta = {"collection": "streamproviders"}

    name = StringField(required=True)
    displayName = StringField()
    enabled = BooleanField(default=True)
    status = StringField(default="active", choices=("active", "maintenance", "inactive"))
    priority = IntField(default=0)
    config = DynamicField()
    features = DynamicField()
    monthlyUsage = IntField(default=0)
    usageLimit = IntField()
    lastHealthCheck = DateTimeField()
    healthStatus = StringField()
    updatedAt = DateTimeField(default=clock.now)
