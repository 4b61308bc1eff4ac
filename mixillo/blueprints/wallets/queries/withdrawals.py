"""Withdrawals as administrators see them: holds of what was earned."""

from typing import Any

from mixillo.blueprints.users.queries import people
from mixillo.blueprints.wallets.models import EXPIRED, HOLDS, OPEN, POSTED, VOIDED, WITHDRAWAL
from mixillo.core import money
from mixillo.core.db import ops_database
from mixillo.core.pagination import paginate

PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"
STATES = {PENDING: OPEN, APPROVED: POSTED, REJECTED: VOIDED, EXPIRED: EXPIRED}
STATUS_OF = {state: status for status, state in STATES.items()}
NEWEST_FIRST = [("createdAt", -1), ("_id", -1)]
# Where the money goes is for whoever decides about one of them: in no list.
FIELDS = ["state", "debit", "amount", "currency", "walletId", "rowId", "createdAt", "details.method", "details.payout",
          "decision"]  # fmt: skip
PREFIX = "withdrawal:"
Document = dict[str, Any]


def everybody(query: Document) -> tuple[list[Document], Document]:
    """Return a page of the withdrawals with a ``status`` (pending unless told), the newest first."""
    where = {"state": STATES[query["status"]], "kind": WITHDRAWAL}
    projection = dict.fromkeys(FIELDS, 1)
    found, pagination = paginate(ops_database()[HOLDS], where, query, sort=NEWEST_FIRST, projection=projection)
    return views(found), pagination


def pending_count() -> int:
    """Return how many wait for a decision."""
    return ops_database()[HOLDS].count_documents({"state": OPEN, "kind": WITHDRAWAL})


def views(holds: list[Document]) -> list[Document]:
    """Return holds as withdrawals, each with the ``user`` who asks."""
    owners = people.summaries([held["debit"] for held in holds])
    return [_shown(held) | {"user": owners.get(held["debit"])} for held in holds]


def whole(held: Document) -> Document:
    """Return one withdrawal with ``accountDetails``, for whoever decides."""
    return views([held])[0] | {"accountDetails": held["details"]["accountDetails"]}


def id_of(held: Document) -> str:
    """Return the id of the withdrawal behind a hold."""
    return str(held["_id"]).removeprefix(PREFIX)


def _shown(held: Document) -> Document:
    decision = held.get("decision") or {}
    return {
        "_id": id_of(held),
        "id": id_of(held),
        "userId": held["debit"],
        "walletId": held["walletId"],
        "transactionId": held["rowId"],
        "amount": money.shown(int(held["amount"]), held["currency"]),
        "currency": held["currency"],
        "method": held["details"]["method"],
        "payout": held["details"].get("payout"),
        "status": STATUS_OF[held["state"]],
        "createdAt": held["createdAt"],
        "decidedAt": decision.get("at"),
        "decidedBy": (decision.get("by") or {}).get("name"),
        "reason": decision.get("reason"),
    }
