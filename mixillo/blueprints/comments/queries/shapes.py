"""A comment as the API shows it: under the stored names and those of the clients, its author beside it."""

from typing import Any

from mixillo.blueprints.comments.models import APPROVED, CommentLike
from mixillo.blueprints.content.queries.sight import Circle

Document = dict[str, Any]
# Projection and defaults in one: documents of the existing database lack fields that were added later.
CARD: Document = {
    "contentId": None, "userId": None, "text": "", "parentId": None, "replyToId": None, "mentions": [],
    "likesCount": 0, "repliesCount": 0, "isHidden": False, "isPinned": False, "isEdited": False, "editedAt": None,
    "createdAt": None, "updatedAt": None,
}  # fmt: skip
# Nobody's business but the administrators'.
JUDGED: Document = {
    "status": APPROVED, "isReported": False, "reportCount": 0, "reviewedBy": None, "reviewedAt": None,
    "deletedAt": None,
}  # fmt: skip
FIELDS = dict.fromkeys([*CARD, *JUDGED], 1)
SOMEBODY: Document = {"username": "", "fullName": "", "avatar": None, "isVerified": False}


def cards(comments: list[Document], around: Circle) -> list[Document]:
    """Return stored ``comments`` as the viewer of ``around`` is shown them, who may see them all."""
    viewer, liked = around.viewer, set()
    if viewer and comments:
        pairs = {"userId": viewer.id, "commentId": {"$in": [comment["_id"] for comment in comments]}}
        liked = {like["commentId"] for like in CommentLike.collection().find(pairs, {"_id": 0, "commentId": 1})}
    return [_card(comment, around) | {"isLiked": comment["_id"] in liked} for comment in comments]


def _card(comment: Document, around: Circle) -> Document:
    made = {name: comment.get(name, default) for name, default in CARD.items()}
    for counter in ("likesCount", "repliesCount"):
        made[counter] = max(int(made[counter] or 0), 0)
    # The account may be gone for good; administrators see what it said all the same.
    author = around.authors.get(comment["userId"]) or {"_id": comment["userId"], **SOMEBODY}
    made |= {
        "_id": comment["_id"],
        "id": comment["_id"],
        "mentions": list(made["mentions"] or []),
        "user": author,
        "username": author["username"],
        "userAvatar": author["avatar"],
        "parentCommentId": made["parentId"],
        "likes": made["likesCount"],
        "replies": made["repliesCount"],
    }
    if around.viewer and around.viewer.is_admin:
        made |= {name: comment.get(name, default) for name, default in JUDGED.items()}
    return made
