"""Tracked events and the figures of days, with the stored field names of the existing collections."""

from mongoengine import DateTimeField, DictField, DynamicField, FloatField, ListField, StringField

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

CUSTOM = "custom"
EVENT_TYPES = (
    "user_signup", "user_login", "user_logout", "user_profile_update", "product_view", "product_search",
    "product_add_to_cart", "product_purchase", "credit_purchase", "credit_spend", "gift_send", "gift_receive",
    "stream_start", "stream_end", "stream_join", "stream_leave", "stream_gift", "follow", "unfollow", "post_create",
    "comment_create", "like", "page_view", "banner_click", "theme_change", "error", CUSTOM,
)  # fmt: skip
MOBILE, TABLET, DESKTOP, UNKNOWN = DEVICE_TYPES = ("mobile", "tablet", "desktop", "unknown")
RELATED = (
    "productId", "orderId", "livestreamId", "giftId", "pageId", "contentId", "userId", "storeId", "bannerId",
)  # fmt: skip
DAILY = "daily"
# In the technical database: which days are reckoned, and which have changed since.
ROLLUPS = "rollups"


class EventTracking(BaseDocument):
    """Something that a client saw its user do, at ``timestamp``; nobody was signed in where there is no ``user``.

    ``_id`` is derived from the id that the client gave the event, so that an event that is sent twice is there once.
    What ``relatedEntities`` name was so named by a client: it need not be there.
    """

    meta = {"collection": "eventtrackings"}

    eventType = StringField(required=True, choices=EVENT_TYPES)
    user = Ref("users", policy="nullify")
    relatedEntities = DictField()
    data = DictField()
    sessionId = StringField()
    device = DictField()
    location = DictField()
    timestamp = DateTimeField(default=clock.now)
    duration = FloatField()
    metadata = DictField()
    updatedAt = DateTimeField(default=clock.now)


class PlatformAnalytics(BaseDocument):
    """What happened on one day (UTC), all people together; ``date`` is its midnight. Once for each date and period."""

    meta = {"collection": "platformanalytics"}

    date = DateTimeField(required=True)
    period = StringField(default=DAILY)
    users = DictField()
    revenue = DictField()
    transactions = DictField()
    credits = DictField()
    gifts = DictField()
    livestreams = DictField()
    products = DictField()
    orders = DictField()
    content = DictField()
    engagement = DictField()
    geography = DictField()
    devices = DictField()
    performance = DictField()
    updatedAt = DateTimeField(default=clock.now)


class UserAnalytics(BaseDocument):
    """What one person did on one day (UTC), and what others did with what is theirs (``received``).

    A day on which nothing of that happened has no row.
    """

    meta = {"collection": "useranalytics"}

    user = Ref("users", policy="delete", required=True)
    date = DateTimeField(required=True)
    sessions = DictField()
    activity = DictField()
    shopping = DictField()
    credits = DictField()
    gifting = DictField()
    livestreams = DictField()
    social = DictField()
    received = DictField()
    devices = DictField()
    segments = ListField(StringField())
    rfm = DynamicField()
    updatedAt = DateTimeField(default=clock.now)
