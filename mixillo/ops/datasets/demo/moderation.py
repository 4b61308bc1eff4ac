"""What was reported in the demo and what was decided: cases that wait, cases that are closed, strikes."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

WAITING_POSTS, WAITING_COMMENTS, WAITING_PEOPLE, DISMISSED = 14, 20, 4, 12
MOST_REPORTS = 12
REASONS = (
    "spam",
    "spam",
    "scam",
    "harassment",
    "hate_speech",
    "nudity",
    "violence",
    "copyright",
    "false_info",
    "other",
)
BLAMED = {"spam": "spam", "scam": "spam", "harassment": "harassment", "hate_speech": "harassment",
          "copyright": "copyright", "nudity": "inappropriate_content", "violence": "inappropriate_content"}  # fmt: skip
WORST = {"violence": 2, "hate_speech": 2, "nudity": 2, "harassment": 1, "scam": 1}
PRIORITIES = ("low", "medium", "high", "urgent")
# Who has more of them that count is suspended.
MOST_STRIKES = 2
STRIKES_COUNT, SUSPENSION = timedelta(days=90), timedelta(days=7)
SEVERITY = {"content_removed": "moderate", "account_suspended": "major", "account_banned": "critical"}
CASE_STATUS = {"none": "approved", "content_removed": "removed"}


class Moderation:
    """Reports, cases and strikes; counted into posts and comments, and into how people stand."""

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._people = people
        self._admin = people.named("ada")["_id"]
        self._since = {user["_id"]: user["createdAt"] for user in people.users}
        self._blamed: Counter[ObjectId] = Counter()
        self.rows: dict[str, list[Document]] = {"reports": [], "moderationqueues": [], "strikes": []}

    def look_at(self, posts: list[Document], comments: list[Document]) -> Iterator[tuple[str, list[Document]]]:
        """Let people report some of ``posts``, ``comments`` and each other, and yield the rows of each kind."""
        gone = [("content", post) for post in posts if post["status"] == "removed"]
        gone += [("comment", comment) for comment in comments if comment["status"] == "blocked"]
        for kind, thing in gone:
            self._case(kind, thing, thing["userId"], "content_removed")
        self._look_at_what_is_shown(posts, comments)
        self._closed_accounts()
        yield from self.rows.items()

    def _look_at_what_is_shown(self, posts: list[Document], comments: list[Document]) -> None:
        sample = self._world.rng.sample
        shown = sample([post for post in posts if post["status"] == "active"], WAITING_POSTS + DISMISSED)
        for number, post in enumerate(shown):
            self._case("content", post, post["userId"], "none" if number < DISMISSED else None)
        for comment in sample([each for each in comments if each["status"] == "approved"], WAITING_COMMENTS):
            self._case("comment", comment, comment["userId"])
        strangers = [user for user in self._people.active if user["role"] == "user" and user["username"] != "una"]
        for user in sample(strangers, WAITING_PEOPLE):
            self._case("user", user, user["_id"])

    def _closed_accounts(self) -> None:
        for user in self._people.users:
            if user["status"] in ("suspended", "banned"):
                self._case("user", user, user["_id"], f"account_{user['status']}")
            if user["status"] == "suspended":
                user["suspendedUntil"] = self._world.moment + SUSPENSION

    def _case(self, kind: str, thing: Document, owner: ObjectId, action: str | None = None) -> None:
        """Let some people report a thing, and decide about it unless it is still waiting."""
        world = self._world
        since = max(thing["createdAt"], self._since[owner])
        people = [user for user in self._people.active if user["createdAt"] <= since and user["_id"] != owner]
        count = min(len(people), MOST_REPORTS, int(world.rng.paretovariate(1.2)))
        if not count:
            return
        reason = world.pick(REASONS)
        taken = action is None and world.chance(0.3)
        reported = self._reports(kind, thing, owner, world.rng.sample(people, count), since, reason, action, taken)
        last = max(report["createdAt"] for report in reported)
        decided = world.between(last, world.moment, soon=3) if action else None
        for report in reported:
            report |= self._review(decided, action)
        self._queue(kind, thing, owner, reported, decided, action, taken)
        if kind in ("content", "comment"):
            thing["reportCount"] += count
            thing |= {"isReported": action is None} if kind == "comment" else {}
            thing |= {"reviewedBy": self._admin, "reviewedAt": decided} if decided else {}
        if decided and action != "none":
            self._strike(kind, thing, owner, reason, str(action), decided)

    def _reports(
        self, kind: str, thing: Document, owner: ObjectId, people: list[Document], since: datetime, reason: str,
        action: str | None, taken: bool,
    ) -> list[Document]:  # fmt: skip
        waiting = "under_review" if taken else "pending"
        status = waiting if action is None else "dismissed" if action == "none" else "resolved"
        made = []
        for user in people:
            fields: dict[str, Any] = {
                "reporterId": user["_id"],
                "reportedType": kind,
                "reportedId": thing["_id"],
                "reportedUserId": owner,
                "reason": reason if self._world.chance(0.8) else self._world.pick(REASONS),
                "screenshots": [],
                "status": status,
                "actionTaken": action or "none",
            }
            at = self._world.between(since, self._world.moment, soon=4)
            made.append(self._world.make.stamped("reports", at, fields))
        self.rows["reports"] += made
        return made

    def _queue(
        self, kind: str, thing: Document, owner: ObjectId, reported: list[Document], decided: datetime | None,
        action: str | None, taken: bool,
    ) -> None:  # fmt: skip
        opened = min(report["createdAt"] for report in reported)
        reasons = sorted({report["reason"] for report in reported})
        rank = max(WORST.get(reason, 0) for reason in reasons) + (len(reported) >= 3) + (len(reported) >= 10)
        rank = min(rank, len(PRIORITIES) - 1)
        fields: dict[str, Any] = {
            "contentType": kind,
            "contentId": thing["_id"],
            "ownerId": owner,
            "reportedBy": [report["reporterId"] for report in reported],
            "reportCount": len(reported),
            "reasons": reasons,
            "priority": PRIORITIES[rank],
            "rank": rank,
            "status": CASE_STATUS.get(action, "rejected") if action else "in_review" if taken else "pending",
            "isOpen": action is None,
        }
        if taken or action:
            fields["assignedTo"] = self._admin
        case = self._world.make.stamped("moderationqueues", opened, fields | self._review(decided, action))
        self.rows["moderationqueues"].append(case)

    def _review(self, decided: datetime | None, action: str | None) -> dict[str, Any]:
        if decided is None:
            return {}
        return {"actionTaken": action, "reviewedBy": self._admin, "reviewedAt": decided, "updatedAt": decided}

    def _strike(self, kind: str, thing: Document, owner: ObjectId, reason: str, action: str, at: datetime) -> None:
        if action == "content_removed" and self._blamed[owner] >= MOST_STRIKES:
            return
        self._blamed[owner] += 1
        fields = {
            "userId": owner,
            "reason": BLAMED.get(reason, "terms_violation"),
            "severity": SEVERITY[action],
            "relatedContentId": thing["_id"],
            "relatedContentType": kind,
            "issuedBy": self._admin,
            "isActive": True,
        }
        if action != "account_banned":
            fields["expiresAt"] = at + STRIKES_COUNT
        self.rows["strikes"].append(self._world.make.stamped("strikes", at, fields))
