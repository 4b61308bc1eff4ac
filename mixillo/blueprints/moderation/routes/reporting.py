"""Reporting what is wrong."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.moderation.models import COMMENT, CONTENT
from mixillo.blueprints.moderation.queries import lists, shapes
from mixillo.blueprints.moderation.routes.blueprint import TAGS, below_comments, below_posts, reports
from mixillo.blueprints.moderation.schemas.given import ReportReasonSchema, ReportSchema
from mixillo.blueprints.moderation.schemas.shown import OwnReportSchema
from mixillo.blueprints.moderation.services import reporting
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import current_viewer, login_required

REPORT = fields.Nested(OwnReportSchema, required=True)
REPORTS = fields.List(fields.Nested(OwnReportSchema), required=True)
PAGINATION = fields.Nested(PaginationSchema, required=True)
ABOUT = ("reportedType", "reportedId", "reportedUserId")
ration = rate_limited("reports", "30/hour")


@reports.post("", tags=TAGS)
@login_required()
@ration
@idempotent
@reports.accepts(
    ReportSchema,
    example={"reportedType": "user", "reportedId": "64b7f3a2c9e77a0012ab34cd", "reason": "spam",
             "description": "Says the same under every post."},
)  # fmt: skip
@reports.returns(201, report=REPORT)
@reports.refuses(404)
def create_report(body: dict[str, Any]) -> Reply:
    """Report something

    A post, a comment, a person, a product, a store, a livestream or a message that one may see. 409 `already_reported`
    while one's report of it is open, `own_thing` for what is one's own.
    """
    return _report(body["reportedType"], ObjectId(body["reportedId"]), body)


@reports.get("/my", tags=TAGS)
@login_required()
@reports.takes(PageQuery)
@reports.returns(200, reports=REPORTS, pagination=PAGINATION)
def list_own_reports(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own reports

    The newest first.
    """
    found, pagination = lists.own_reports(current_viewer(), query)
    return {"reports": found, "pagination": pagination}


@below_posts.post("/<id:content_id>/report", tags=TAGS)
@login_required()
@ration
@idempotent
@below_posts.accepts(ReportReasonSchema, example={"reason": "spam", "description": "An advertisement"})
@below_posts.returns(201, report=REPORT)
@below_posts.refuses(404)
@below_posts.needs("a post of somebody else's that nobody has reported")
def report_content(body: dict[str, Any], content_id: ObjectId) -> Reply:
    """Report a post

    As `POST /api/reports` does.
    """
    return _report(CONTENT, content_id, body)


@below_comments.post("/<id:comment_id>/report", tags=TAGS)
@login_required()
@ration
@idempotent
@below_comments.accepts(ReportReasonSchema, example={"reason": "spam", "description": "An advertisement"})
@below_comments.returns(201, report=REPORT)
@below_comments.refuses(404)
@below_comments.needs("a comment of somebody else's that nobody has reported")
def report_comment(body: dict[str, Any], comment_id: ObjectId) -> Reply:
    """Report a comment

    As `POST /api/reports` does.
    """
    return _report(COMMENT, comment_id, body)


def _report(kind: str, thing_id: ObjectId, body: dict[str, Any]) -> Reply:
    said = {name: value for name, value in body.items() if name not in ABOUT}
    made = reporting.report(current_viewer(), kind, thing_id, said, operation_id())
    return Reply({"report": shapes.own_reports([made])[0]}, "Thank you; somebody will look at it")


reports.add_deprecated_alias("/my-reports", list_own_reports, successor="/api/reports/my", methods=["GET"], tags=TAGS)
