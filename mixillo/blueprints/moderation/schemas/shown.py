"""Reports, cases and strikes as the API shows them."""

from marshmallow import fields

from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


class OwnReportSchema(BaseSchema):
    """A report as the person sees it who made it."""

    _id = Id(required=True)
    id = Id(required=True)
    reporterId = Id(required=True)
    reportedType = fields.String(required=True, metadata={"example": "content"})
    reportedId = Id(required=True)
    reason = fields.String(required=True, metadata={"example": "spam"})
    description = fields.String(required=True, allow_none=True)
    screenshots = fields.List(fields.String(), required=True)
    status = fields.String(required=True, metadata={"example": "pending"})
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class SubjectSchema(BaseSchema):
    """What was reported, in short."""

    _id = Id(required=True)
    ownerId = Id(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)


class ReportedSchema(OwnReportSchema):
    """A report as administrators see it; what it is about may be gone."""

    reporterId = Id(required=True, allow_none=True)
    reporter = fields.Nested(UserSummary, required=True, allow_none=True)
    reportedUserId = Id(required=True, allow_none=True)
    reportedUser = fields.Nested(UserSummary, required=True, allow_none=True)
    subject = fields.Nested(SubjectSchema, required=True, allow_none=True)
    reviewedBy = Id(required=True, allow_none=True)
    reviewedAt = Timestamp(required=True, allow_none=True)
    reviewNotes = fields.String(required=True, allow_none=True)
    actionTaken = fields.String(required=True, metadata={"example": "none"})


class CaseSchema(BaseSchema):
    """All open reports about one thing."""

    _id = Id(required=True)
    id = Id(required=True)
    contentType = fields.String(required=True, metadata={"example": "comment"})
    contentId = Id(required=True)
    subject = fields.Nested(SubjectSchema, required=True, allow_none=True)
    ownerId = Id(required=True, allow_none=True)
    owner = fields.Nested(UserSummary, required=True, allow_none=True)
    reportedBy = fields.List(Id(), required=True, metadata={"description": "The latest hundred."})
    reportCount = fields.Integer(required=True)
    reasons = fields.List(fields.String(), required=True, metadata={"example": ["spam"]})
    priority = fields.String(required=True, metadata={"example": "medium"})
    status = fields.String(required=True, metadata={"example": "pending"})
    assignedTo = Id(required=True, allow_none=True)
    reviewNotes = fields.String(required=True, allow_none=True)
    actionTaken = fields.String(required=True, allow_none=True)
    reviewedBy = Id(required=True, allow_none=True)
    reviewedAt = Timestamp(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class OwnStrikeSchema(BaseSchema):
    """A strike as the person sees it whom it is against."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True)
    reason = fields.String(required=True, metadata={"example": "spam"})
    description = fields.String(required=True, allow_none=True)
    severity = fields.String(required=True, metadata={"example": "moderate"})
    relatedContentId = Id(required=True, allow_none=True)
    relatedContentType = fields.String(required=True, allow_none=True)
    expiresAt = Timestamp(required=True, allow_none=True)
    isActive = fields.Boolean(required=True)
    createdAt = Timestamp(required=True, allow_none=True)


class StrikeShownSchema(OwnStrikeSchema):
    """A strike as administrators see it."""

    issuedBy = Id(required=True, allow_none=True)
    user = fields.Nested(UserSummary, required=True, allow_none=True)


class FailedSchema(BaseSchema):
    """A case that could not be decided, and the code that says why."""

    caseId = Id(required=True)
    code = fields.String(required=True, metadata={"example": "already_decided"})
