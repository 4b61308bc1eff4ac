"""What is said below the posts of the demo, who likes it, and what administrators have to look at."""

from collections.abc import Iterable
from datetime import datetime

from bson import ObjectId

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.words import ADVERTISING, COMMENTS, REPLIES
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

# Out of all comments: answered by the post's author, pinned on a post, advertising. Out of who saw it: who likes it.
REPLY, PINNED, ADVERTISED, LIKED, MOST_LIKES = 0.3, 0.05, 0.005, 0.04, 12
APPROVED, PENDING, BLOCKED = "approved", "pending", "blocked"


class Discussion:
    """Comments, replies and likes, made post by post; the counters of posts and comments grow with them."""

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._since = {user["_id"]: user["createdAt"] for user in people.users}
        self.comments: list[Document] = []
        self.likes: list[Document] = []

    def about(self, post: Document, writers: Iterable[tuple[ObjectId, datetime]], seen: list[ObjectId]) -> None:
        """Let ``writers`` say something at their time; some is answered, and liked by who has ``seen`` the post."""
        world, author = self._world, post["userId"]
        is_pinning = world.chance(PINNED)
        for writer, at in writers:
            if world.chance(ADVERTISED):
                self._comment(post, writer, world.pick(ADVERTISING), at, status=world.pick((PENDING, BLOCKED)))
                continue
            comment = self._comment(post, writer, world.pick(COMMENTS), at)
            comment["isPinned"], is_pinning = is_pinning, False
            if world.chance(REPLY):
                answered = world.between(max(at, self._since[author]), world.moment, soon=4)
                self._comment(post, author, world.pick(REPLIES), answered, parent=comment)
            self._like(comment, seen)

    def shown(self) -> list[Document]:
        """Return the comments that everybody sees."""
        return [comment for comment in self.comments if comment["status"] == APPROVED]

    def _comment(
        self,
        post: Document,
        writer: ObjectId,
        text: str,
        at: datetime,
        *,
        parent: Document | None = None,
        status: str = APPROVED,
    ) -> Document:
        fields = {
            "contentId": post["_id"],
            "userId": writer,
            "text": text,
            "parentId": parent and parent["_id"],
            "mentions": [],
            "likesCount": 0,
            "repliesCount": 0,
            "status": status,
            "isHidden": status != APPROVED,
            "isReported": False,
            "reportCount": 0,
            "isPinned": False,
            "isEdited": False,
        }
        if status == APPROVED:
            fields["publishedAt"] = at
            post["commentsCount"] += 1
        if parent is not None:
            fields["replyToId"] = parent["_id"]
            parent["repliesCount"] += 1
        comment = self._world.make.stamped("comments", at, fields)
        self.comments.append(comment)
        return comment

    def _like(self, comment: Document, seen: list[ObjectId]) -> None:
        world = self._world
        for liker in seen:
            if comment["likesCount"] < MOST_LIKES and liker != comment["userId"] and world.chance(LIKED):
                at = world.between(max(comment["createdAt"], self._since[liker]), world.moment, soon=4)
                fields = {"userId": liker, "commentId": comment["_id"]}
                self.likes.append(world.make.dated("commentlikes", at, fields))
                comment["likesCount"] += 1
