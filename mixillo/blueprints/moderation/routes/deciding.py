"""What administrators do with what was reported."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.content.queries import browsing
from mixillo.blueprints.content.schemas.shown import ContentSchema
from mixillo.blueprints.moderation.models import CONTENT, CONTENT_REMOVED, NONE
from mixillo.blueprints.moderation.queries import lists, shapes
from mixillo.blueprints.moderation.routes.blueprint import blueprint
from mixillo.blueprints.moderation.schemas.asked import QueueQuery, ReportsQuery
from mixillo.blueprints.moderation.schemas.given import (
    BulkDecisionSchema,
    RejectCaseSchema,
    RejectContentSchema,
    ResolveSchema,
    ReviewNotesSchema,
)
from mixillo.blueprints.moderation.schemas.shown import CaseSchema, FailedSchema, ReportedSchema
from mixillo.blueprints.moderation.services import deciding
from mixillo.blueprints.moderation.services.removing import Decision
from mixillo.core.api import Reply
from mixillo.core.schemas import Id, PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

CASE = fields.Nested(CaseSchema, required=True)
REPORT = fields.Nested(ReportedSchema, required=True)
CONTENT_SHOWN = fields.Nested(ContentSchema, required=True)
PAGINATION = fields.Nested(PaginationSchema, required=True)
COUNT = fields.Integer(required=True)
A_CASE = "something that was reported"


@blueprint.get("/queue")
@login_required(*ADMINS)
@blueprint.takes(QueueQuery)
@blueprint.returns(200, queue=fields.List(fields.Nested(CaseSchema), required=True), pagination=PAGINATION)
def list_queue(query: dict[str, Any]) -> dict[str, Any]:
    """List what was reported

    One case for each thing; the most urgent first, and of these the one that waits longest. Violence, hate and nudity
    are high, harassment and fraud medium; three reports make a case more urgent, ten more so.
    """
    found, pagination = lists.queue(query)
    return {"queue": found, "pagination": pagination}


@blueprint.get("/stats")
@login_required(*ADMINS)
@blueprint.returns(
    200, pending=COUNT, inReview=COUNT, flagged=COUNT, approved=COUNT, rejected=COUNT, totalReports=COUNT,
    pendingReports=COUNT, pendingComments=COUNT, activeStrikes=COUNT, suspendedUsers=COUNT, bannedUsers=COUNT,
)  # fmt: skip
def show_moderation_stats() -> dict[str, Any]:
    """Count what was reported and decided

    `flagged` are open cases of high priority or more.
    """
    return lists.statistics()


@blueprint.post("/queue/bulk")
@login_required(*ADMINS)
@blueprint.accepts(BulkDecisionSchema, example={"caseIds": ["64b7f3a2c9e77a0012ab34cd"], "actionTaken": "none"})
@blueprint.returns(
    200, count=COUNT, done=fields.List(Id(), required=True), failed=fields.List(fields.Nested(FailedSchema))
)
@blueprint.needs(A_CASE)
def decide_cases(body: dict[str, Any]) -> Reply:
    """Decide many cases alike

    Up to 100, each for itself; `failed` says which were not decided, and why.
    """
    done, failed = deciding.decide_all(current_viewer(), body["caseIds"], body["decision"])
    told = {"count": len(done), "done": done, "failed": failed}
    return Reply(told, f"{len(done)} of {len(done) + len(failed)} cases decided")


@blueprint.put("/queue/<id:case_id>/take")
@login_required(*ADMINS)
@blueprint.returns(200, case=CASE)
@blueprint.refuses(404, 409)
@blueprint.needs(A_CASE)
def take_case(case_id: ObjectId) -> dict[str, Any]:
    """Take a case

    So that others see who looks at it.
    """
    return {"case": shapes.cases([deciding.take(current_viewer(), case_id)])[0]}


@blueprint.put("/queue/<id:case_id>/approve")
@login_required(*ADMINS)
@blueprint.accepts(ReviewNotesSchema, example={"reviewNotes": "Nothing wrong with it"}, required=False)
@blueprint.returns(200, case=CASE)
@blueprint.refuses(404, 409)
@blueprint.needs(A_CASE)
def approve_case(body: dict[str, Any], case_id: ObjectId) -> Reply:
    """Let it stay

    Its reports are dismissed; what was taken away before comes back.
    """
    case = deciding.decide_case(current_viewer(), case_id, body["decision"])
    return Reply({"case": shapes.cases([case])[0]}, "Approved")


@blueprint.put("/queue/<id:case_id>/reject")
@login_required(*ADMINS)
@blueprint.accepts(RejectCaseSchema, example={"reason": "spam", "actionTaken": "content_removed"})
@blueprint.returns(200, case=CASE)
@blueprint.refuses(404, 409)
@blueprint.needs(A_CASE)
def reject_case(body: dict[str, Any], case_id: ObjectId) -> Reply:
    """Take it away, or warn, suspend or ban whose it is

    With a strike in any case; three that count within 90 days suspend for a week. Suspending and banning take posts,
    comments and products away too, and sign the person out everywhere at once. 409 `not_removable` where things of the
    kind are not taken away, `nobodys_thing` where nobody is left.
    """
    case = deciding.decide_case(current_viewer(), case_id, body["decision"])
    return Reply({"case": shapes.cases([case])[0]}, "Rejected")


@blueprint.get("/reports")
@login_required(*ADMINS)
@blueprint.takes(ReportsQuery)
@blueprint.returns(200, reports=fields.List(fields.Nested(ReportedSchema), required=True), pagination=PAGINATION)
def list_reports(query: dict[str, Any]) -> dict[str, Any]:
    """List reports

    The newest first.
    """
    found, pagination = lists.reports(query)
    return {"reports": found, "pagination": pagination}


@blueprint.put("/reports/<id:report_id>/resolve")
@login_required(*ADMINS)
@blueprint.accepts(ResolveSchema, example={"actionTaken": "none", "reviewNotes": "Nothing wrong with it"})
@blueprint.returns(200, report=REPORT)
@blueprint.refuses(404, 409)
@blueprint.needs("a report that is open")
def resolve_report(body: dict[str, Any], report_id: ObjectId) -> Reply:
    """Decide about what was reported

    Which answers all open reports of the thing alike; `none` dismisses them.
    """
    report = deciding.resolve(current_viewer(), report_id, body["decision"])
    return Reply({"report": shapes.reports([report])[0]}, "Report resolved")


@blueprint.post("/content/<id:content_id>/approve")
@login_required(*ADMINS)
@blueprint.accepts(ReviewNotesSchema, example={"reviewNotes": "Nothing wrong with it"}, required=False)
@blueprint.returns(200, content=CONTENT_SHOWN)
@blueprint.refuses(404)
def approve_content(body: dict[str, Any], content_id: ObjectId) -> Reply:
    """Let a post stay

    Reported or not; one that was taken away gets the status back that it had.
    """
    _check_there(content_id)
    deciding.decide(current_viewer(), CONTENT, content_id, Decision(NONE, notes=body["decision"].notes))
    return Reply({"content": browsing.show(content_id, current_viewer())}, "Post approved")


@blueprint.post("/content/<id:content_id>/reject")
@login_required(*ADMINS)
@blueprint.accepts(RejectContentSchema, example={"reason": "spam"})
@blueprint.returns(200, content=CONTENT_SHOWN)
@blueprint.refuses(404)
def reject_content(body: dict[str, Any], content_id: ObjectId) -> Reply:
    """Take a post away

    Reported or not, with a strike for its author; nobody but they and administrators see it any more.
    """
    _check_there(content_id)
    decision = Decision(CONTENT_REMOVED, body["reason"], body.get("reviewNotes"))
    deciding.decide(current_viewer(), CONTENT, content_id, decision)
    return Reply({"content": browsing.show(content_id, current_viewer())}, "Post taken away")


def _check_there(content_id: ObjectId) -> None:
    browsing.find(content_id, current_viewer())
