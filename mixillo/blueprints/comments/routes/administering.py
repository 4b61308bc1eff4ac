"""What administrators do with comments."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.comments.models import APPROVED, BLOCKED, REMOVED
from mixillo.blueprints.comments.queries import overview
from mixillo.blueprints.comments.routes.blueprint import blueprint
from mixillo.blueprints.comments.routes.reading import COMMENT, PAGINATION
from mixillo.blueprints.comments.schemas.asked import AllCommentsQuery
from mixillo.blueprints.comments.schemas.given import BulkSchema, WordsSchema
from mixillo.blueprints.comments.schemas.shown import JudgedCommentSchema
from mixillo.blueprints.comments.services import judging, words
from mixillo.core.api import Reply
from mixillo.core.schemas import Id
from mixillo.core.security import ADMINS, current_viewer, login_required

COUNT = fields.Integer(required=True)
WORDS = fields.List(fields.String(), required=True)
IDS = fields.List(Id(), required=True)


@blueprint.get("/admin/all")
@login_required(*ADMINS)
@blueprint.takes(AllCommentsQuery)
@blueprint.returns(200, comments=fields.List(fields.Nested(JudgedCommentSchema), required=True), pagination=PAGINATION)
def list_all_comments(query: dict[str, Any]) -> dict[str, Any]:
    """List all comments

    The newest first: those with a status, the reported ones, or all but the removed. `search` finds whole words.
    """
    found, pagination = overview.everything(query, current_viewer())
    return {"comments": found, "pagination": pagination}


@blueprint.get("/admin/stats")
@login_required(*ADMINS)
@blueprint.returns(200, total=COUNT, approved=COUNT, pending=COUNT, blocked=COUNT, removed=COUNT, reported=COUNT)
def show_comment_stats() -> dict[str, Any]:
    """Count comments

    By status; `total` leaves the removed ones out.
    """
    return overview.statistics()


@blueprint.put("/admin/<id:comment_id>/approve")
@login_required(*ADMINS)
@blueprint.returns(200, comment=COMMENT)
@blueprint.refuses(404)
def approve_comment(comment_id: ObjectId) -> Reply:
    """Approve a comment

    It is shown, whether it waited or was blocked before.
    """
    return Reply({"comment": judging.judge(current_viewer(), comment_id, APPROVED)}, "Comment approved")


@blueprint.put("/admin/<id:comment_id>/block")
@login_required(*ADMINS)
@blueprint.returns(200, comment=COMMENT)
@blueprint.refuses(404)
def block_comment(comment_id: ObjectId) -> Reply:
    """Block a comment

    Nobody but its author sees it any more, nor its replies.
    """
    return Reply({"comment": judging.judge(current_viewer(), comment_id, BLOCKED)}, "Comment blocked")


@blueprint.delete("/admin/<id:comment_id>")
@login_required(*ADMINS)
@blueprint.returns(200)
@blueprint.refuses(404)
def remove_comment(comment_id: ObjectId) -> Reply:
    """Remove a comment

    For good, with its replies.
    """
    judging.judge(current_viewer(), comment_id, REMOVED)
    return Reply({}, "Comment removed")


@blueprint.post("/admin/bulk-action")
@login_required(*ADMINS)
@blueprint.accepts(BulkSchema, example={"action": "approve", "commentIds": ["64b7f3a2c9e77a0012ab34cd"]})
@blueprint.returns(200, action=fields.String(required=True), count=COUNT, done=IDS, missing=IDS)
def judge_comments(body: dict[str, Any]) -> Reply:
    """Approve, block or delete many comments

    Up to 100; `missing` names those that are not there, or were removed.
    """
    ids = [ObjectId(each) for each in body["commentIds"]]
    done, missing = judging.judge_all(current_viewer(), ids, judging.ACTIONS[body["action"]])
    told = {"action": body["action"], "count": len(done), "done": done, "missing": missing}
    return Reply(told, f"{len(done)} of {len(done) + len(missing)} comments")


@blueprint.get("/admin/words")
@login_required(*ADMINS)
@blueprint.returns(200, blocked=WORDS, hidden=WORDS)
def show_words() -> dict[str, Any]:
    """Show the words that comments may not hold

    What holds a `blocked` one is refused, what holds a `hidden` one waits for an administrator.
    """
    return words.lists()


@blueprint.put("/admin/words")
@login_required(*ADMINS)
@blueprint.accepts(WordsSchema, example={"hidden": ["buy followers"]})
@blueprint.returns(200, blocked=WORDS, hidden=WORDS)
def set_words(body: dict[str, Any]) -> Reply:
    """Set the words that comments may not hold

    A list that is not sent stays as it is; comments that are there already stay too. Holds everywhere within ten
    seconds.
    """
    return Reply(words.replace(current_viewer(), body), "Words set")
