"""What clients send: reports in both of their dialects, decisions, strikes."""

from typing import Any

from bson import ObjectId
from marshmallow import fields, post_load, pre_load, validate

from mixillo.blueprints.moderation.models import (
    ACTIONS,
    KINDS,
    MODERATE,
    NONE,
    REASONS,
    SEVERITIES,
    STRIKE_REASONS,
)
from mixillo.blueprints.moderation.services.removing import Decision
from mixillo.blueprints.users.models import ACTIVE, BANNED, SUSPENDED
from mixillo.core.schemas import BaseSchema, Id, Text, web_address

MOST_AT_ONCE = 100
LONGEST_SUSPENSION = 365
OTHER_NAMES = {"targetType": "reportedType", "targetId": "reportedId", "evidence": "screenshots"}


class ReportReasonSchema(BaseSchema):
    """What is wrong with something."""

    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    description = Text(max_length=2_000)
    screenshots = fields.List(
        fields.String(validate=[validate.Length(max=2_048), web_address]),
        validate=validate.Length(max=10),
        metadata={"description": "Addresses; also `evidence`.", "example": []},
    )

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Return ``data`` under the stored names; two names for one thing are refused as unknown fields.

        The mobile app puts one of the reasons into ``type``, and what it is about in words into ``reason``.
        """
        if not isinstance(data, dict):
            return data
        data = dict(data)
        for other, name in OTHER_NAMES.items():
            if other in data and name not in data:
                data[name] = data.pop(other)
        if "type" in data:
            words, data["reason"] = data.get("reason"), data.pop("type")
            if words not in (None, "", data["reason"]) and not data.get("description"):
                data["description"] = words
        if isinstance(data.get("screenshots"), str):
            data["screenshots"] = [data["screenshots"]] if data["screenshots"] else []
        return data


class ReportSchema(ReportReasonSchema):
    """A report; also `targetType` and `targetId`."""

    reportedType = fields.String(required=True, validate=validate.OneOf(KINDS))
    reportedId = Id(required=True)
    reportedUserId = Id(allow_none=True, metadata={"description": "Not looked at: whose it is, is known."})


class ReviewNotesSchema(BaseSchema):
    """What to remember of a decision."""

    reviewNotes = Text(max_length=2_000)

    @post_load
    def decision(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return the decision: to let it stay."""
        return {"decision": Decision(NONE, notes=data.get("reviewNotes"))}


class _DecisionSchema(BaseSchema):
    reason = Text(max_length=500, metadata={"example": "spam"})
    reviewNotes = Text(max_length=2_000)
    days = fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=LONGEST_SUSPENSION),
        metadata={"description": "How long a suspension lasts; a week unless told.", "example": 7},
    )

    def _decision(self, data: dict[str, Any], action: str) -> Decision:
        return Decision(action, data.get("reason"), data.get("reviewNotes"), data.get("days"))


class ResolveSchema(_DecisionSchema):
    """What is done about a report."""

    actionTaken = fields.String(required=True, validate=validate.OneOf(ACTIONS))

    @post_load
    def decision(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return the decision."""
        return {"decision": self._decision(data, data["actionTaken"])}


class RejectCaseSchema(_DecisionSchema):
    """What is done about something that cannot stay as it is."""

    reason = Text(required=True, min_length=1, max_length=500, metadata={"example": "spam"})
    actionTaken = fields.String(
        load_default="content_removed", validate=validate.OneOf([action for action in ACTIONS if action != NONE])
    )

    @post_load
    def decision(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return the decision."""
        return {"decision": self._decision(data, data["actionTaken"])}


class BulkDecisionSchema(ResolveSchema):
    """What is done about many cases."""

    caseIds = fields.List(Id(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))

    @post_load
    def decision(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return the decision, and the ids as ids."""
        ids = [ObjectId(each) for each in data["caseIds"]]
        return {"decision": self._decision(data, data["actionTaken"]), "caseIds": ids}


class RejectContentSchema(BaseSchema):
    """Why a post is taken away."""

    reason = Text(required=True, min_length=1, max_length=500, metadata={"example": "spam"})
    reviewNotes = Text(max_length=2_000)


class AccountStatusSchema(BaseSchema):
    """How somebody stands from now on."""

    status = fields.String(required=True, validate=validate.OneOf([ACTIVE, SUSPENDED, BANNED]))
    reason = Text(max_length=500, metadata={"description": "Why; one of the reasons for strikes, or in words."})
    days = fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=LONGEST_SUSPENSION),
        metadata={"description": "How long a suspension lasts; a week unless told.", "example": 7},
    )


class StrikeSchema(BaseSchema):
    """A strike; it counts for 90 days, a critical one for ever."""

    reason = fields.String(required=True, validate=validate.OneOf(STRIKE_REASONS))
    description = Text(max_length=2_000)
    severity = fields.String(load_default=MODERATE, validate=validate.OneOf(SEVERITIES))
