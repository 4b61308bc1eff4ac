"""Reports, the cases made of them, and strikes, with the stored field names of the existing collections."""

from mongoengine import BooleanField, DateTimeField, IntField, ListField, ObjectIdField, StringField

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

CONTENT, USER, COMMENT, LIVESTREAM, MESSAGE, PRODUCT, STORE = KINDS = (
    "content", "user", "comment", "livestream", "message", "product", "store",
)  # fmt: skip
REASONS = (
    "spam", "harassment", "hate_speech", "violence", "nudity", "copyright", "false_info", "scam", "inappropriate",
    "other",
)  # fmt: skip
PENDING, UNDER_REVIEW, RESOLVED, DISMISSED = REPORT_STATUSES = ("pending", "under_review", "resolved", "dismissed")
OPEN_REPORTS = (PENDING, UNDER_REVIEW)
NONE, WARNING, CONTENT_REMOVED, SUSPENDED, BANNED = ACTIONS = (
    "none", "warning", "content_removed", "account_suspended", "account_banned",
)  # fmt: skip
IN_REVIEW, APPROVED, REJECTED, REMOVED = "in_review", "approved", "rejected", "removed"
CASE_STATUSES = (PENDING, IN_REVIEW, APPROVED, REJECTED, REMOVED)
# From the least to the most urgent.
PRIORITIES = ("low", "medium", "high", "urgent")
STRIKE_REASONS = ("spam", "harassment", "inappropriate_content", "copyright", "terms_violation", "other")
MINOR, MODERATE, MAJOR, CRITICAL = SEVERITIES = ("minor", "moderate", "major", "critical")
NEWEST = [("createdAt", -1), ("_id", -1)]
OLDEST = [("createdAt", 1), ("_id", 1)]


class Report(BaseDocument):
    """Somebody finds something wrong with a thing, of one of ``KINDS``; one open report per person and thing."""

    meta = {"collection": "reports"}

    reporterId = Ref("users", policy="report", required=True)
    reportedType = StringField(required=True, choices=KINDS)
    reportedId = ObjectIdField(required=True)
    reportedUserId = Ref("users", policy="nullify")
    reason = StringField(required=True, choices=REASONS)
    description = StringField()
    screenshots = ListField(StringField())
    status = StringField(default=PENDING, choices=REPORT_STATUSES)
    reviewedBy = Ref("users", policy="nullify")
    reviewedAt = DateTimeField()
    reviewNotes = StringField()
    actionTaken = StringField(default=NONE, choices=ACTIONS)
    updatedAt = DateTimeField(default=clock.now)


class Case(BaseDocument):
    """All open reports about one thing: what administrators decide on. There is one ``isOpen`` case per thing.

    ``reportedBy`` holds the latest reporters. ``rank`` is the place of ``priority`` among ``PRIORITIES``.
    """

    meta = {"collection": "moderationqueues"}

    contentType = StringField(required=True, choices=KINDS)
    contentId = ObjectIdField(required=True)
    ownerId = Ref("users", policy="nullify")
    reportedBy = ListField(Ref("users", policy="nullify"))
    reportCount = IntField(default=1)
    reasons = ListField(StringField())
    priority = StringField(default="medium", choices=PRIORITIES)
    rank = IntField(default=1)
    status = StringField(default=PENDING, choices=CASE_STATUSES)
    isOpen = BooleanField(default=True)
    assignedTo = Ref("users", policy="nullify")
    reviewNotes = StringField()
    actionTaken = StringField(choices=ACTIONS)
    reviewedBy = Ref("users", policy="nullify")
    reviewedAt = DateTimeField()
    updatedAt = DateTimeField(default=clock.now)


class Strike(BaseDocument):
    """What somebody did wrong; it counts while it ``isActive``."""

    meta = {"collection": "strikes"}

    userId = Ref("users", policy="report", required=True)
    reason = StringField(required=True, choices=STRIKE_REASONS)
    description = StringField()
    severity = StringField(default=MODERATE, choices=SEVERITIES)
    relatedContentId = ObjectIdField()
    relatedContentType = StringField()
    issuedBy = Ref("users", policy="report", required=True)
    expiresAt = DateTimeField()
    isActive = BooleanField(default=True)
    updatedAt = DateTimeField(default=clock.now)
