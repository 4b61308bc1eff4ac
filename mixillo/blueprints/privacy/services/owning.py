"""Whose documents are: by the references that are declared, so that a new feature's are found without being listed.

What is to happen with them when their owner's account is deleted follows from the policy of the reference:

- ``delete``: they are deleted, and what they were counted in counts them no longer.
- ``nullify``: who it was is forgotten.
- ``reassign`` and ``report``: they are kept, because others or the books need them, and what in them tells of their
  owner is blanked as ``BLANKED`` says. A collection that is kept must be in it; a test asks for that.
"""

from typing import Any

from mixillo.core.db import Reference
from mixillo.ops.integrity import declared

Document = dict[str, Any]
USERS = "users"
DELETE, NULLIFY = "delete", "nullify"
# What names the owner of a document …
OWNING = frozenset(
    ("userId", "user", "followerId", "followingId", "reporterId", "hostId", "customer", "sender", "subscriber", "owner",
     "sellerId", "creatorId", "friendId", "senderId", "recipientId", "advertiserId", "author", "uploadedBy")
)  # fmt: skip
# … though not there: whom others block, closely befriend, sell to and notify is their own business.
NOT_OWNED = frozenset(
    (("closefriends", "friendId"), ("notifications", "senderId"), ("orders", "sellerId"),
     ("moderationqueue", "creatorId"), ("moderationresults", "creatorId"), ("viewevents", "creatorId"))
)  # fmt: skip
GONE = "[deleted]"
# What of a document that is kept tells of its owner: fields that are removed, or say instead that it was deleted.
_ADDRESS = {
    f"{address}.{name}": None
    for address in ("shippingAddress", "billingAddress")
    for name in ("fullName", "phone", "addressLine1", "addressLine2", "city", "state", "postalCode")
}
NOTHING: Document = {}
BLANKED: dict[str, Document] = {
    "adcampaigns": NOTHING,
    "analyticsreports": NOTHING,
    "auditlogs": {"ipAddress": None, "userAgent": None},
    "campaigns": NOTHING,
    "chatmessages": {"message": GONE, "senderName": None, "attachment": None},
    "comments": {"text": GONE, "mentions": []},
    "contentrights": NOTHING,
    "contents": {
        "title": None, "caption": None, "videoUrl": None, "thumbnailUrl": None, "imageUrls": [], "hashtags": [],
        "mentions": [], "location": None, "isDeleted": True, "isPrivate": True, "visibility": "private",
    },
    "conversations": NOTHING,
    "couponuses": NOTHING,
    "creatorearnings": NOTHING,
    "creatorsubscriptions": NOTHING,
    "credits": NOTHING,
    "credittransactions": {"description": None, "notes": None, "payment.receiptUrl": None, "metadata": None},
    "customerservices": {"subject": GONE, "description": GONE, "messages": []},
    "disputes": {"description": GONE, "evidence": [], "messages": []},
    "gifttransactions": {"message": None},
    "knowledgebases": NOTHING,
    "kpis": NOTHING,
    "livechats": {"messages": [], "notes": None},
    "liveshoppingsessions": NOTHING,
    "livestreams": {"title": GONE, "description": None, "thumbnailUrl": None, "recordingUrl": None},
    "loyaltymembers": NOTHING,
    "loyaltyprograms": NOTHING,
    "messages": {"text": GONE, "mediaUrl": None, "thumbnailUrl": None, "location": None, "metadata": None},
    "moderationqueue": NOTHING,
    "moderationresults": NOTHING,
    "orders": _ADDRESS | {"customerNotes": None},
    "payments": {"metadata.name": None, "metadata.email": None},
    "payouts": NOTHING,
    "pkbattles": NOTHING,
    "products": NOTHING,
    "reports": {"description": None, "screenshots": []},
    "reviews": {"title": None, "comment": GONE, "images": []},
    "shippings": {"currentLocation": None},
    "sounds": NOTHING,
    "stores": {"phone": None, "email": None, "address": None},
    "stories": NOTHING,
    "strikes": NOTHING,
    "subscriptions": NOTHING,
    "subscriptiontiers": NOTHING,
    "supporttickets": {
        "subject": GONE, "description": GONE, "customerEmail": None, "customerName": None, "attachments": [],
    },
    "ticketmessages": {"message": GONE, "senderName": None, "senderEmail": None, "attachments": []},
    "tickets": {"subject": GONE, "description": GONE, "replies": [], "attachments": []},
    "transactions": NOTHING,
    "usercreditbalances": NOTHING,
    "wallets": {"paymentMethods": [], "isLocked": True, "lockReason": "The account was deleted."},
    "wallettransactions": NOTHING,
}  # fmt: skip
# What of documents whose owner is forgotten would lead back to them.
TRACES: dict[str, Document] = {
    "eventtrackings": {"sessionId": None, "data": None, "metadata": None, "location.city": None},
    "searchqueries": {"query": GONE},
    "analytics": {"ipAddress": None, "city": None},
    "analyticsevents": {"ipAddress": None, "userAgent": None, "sessionId": None, "city": None},
}  # fmt: skip


def owned() -> list[Reference]:
    """Return the references that name the owner of a document."""
    return [
        reference
        for reference in declared.references()
        if reference.target == USERS
        and reference.path in OWNING
        and (reference.collection, reference.path) not in NOT_OWNED
    ]


def belonging() -> list[Reference]:
    """Return the references to people whose documents are deleted, forgotten or blanked with the account."""
    whose = set(owned())
    return [
        reference
        for reference in declared.references()
        if reference.target == USERS and (reference.policy in (DELETE, NULLIFY) or reference in whose)
    ]
