"""Gifts that arrive, badges that are reached, money that moves."""

from typing import Any

from mixillo.blueprints.gifts.services import telling as gifts
from mixillo.blueprints.notifications.models import ACHIEVEMENT, CONTENT, GIFT, PAYMENT
from mixillo.blueprints.notifications.services import desk
from mixillo.blueprints.notifications.services.news import News
from mixillo.blueprints.supporters.services import awards
from mixillo.blueprints.wallets.models import PURCHASE, TRANSFER, WITHDRAWAL
from mixillo.blueprints.wallets.services import ledger
from mixillo.core import money

Document = dict[str, Any]
# The other kinds are told of as what they belong to, such as a gift.
TITLES = {
    PURCHASE: "Your wallet was topped up",
    "coin_purchase": "Your coins are here",
    TRANSFER: "You got money",
    WITHDRAWAL: "Your withdrawal",
    "refund": "A refund",
    "bonus": "A bonus for you",
    "payout": "Your payout",
}
STATUS_WORDS = {
    "pending": "is waiting", "processing": "is on its way", "completed": "is done", "failed": "was declined",
    "cancelled": "was cancelled", "refunded": "was given back",
}  # fmt: skip


@gifts.gift_sent.connect
def hear_gift(_sender: Any, *, transaction: Document, **_more: Any) -> None:
    """Somebody gave something; of an anonymous gift nobody learns who."""
    what = f"{transaction['quantity']} × {transaction['giftName']}"
    hidden = bool(transaction.get("isAnonymous"))
    related = transaction.get("contentId") or transaction.get("livestreamId")
    kind = CONTENT if transaction.get("contentId") else "livestream"
    desk.take(
        News(
            GIFT, transaction["recipientId"], f"gift:{transaction['_id']}", "You got a gift",
            f"Somebody sent you {what}" if hidden else f"sent you {what}",
            actor_id=None if hidden else transaction["senderId"], event=transaction["_id"], related_id=related,
            related_type=kind if related else None, action_url="/gifts/received",
            data={"transactionId": str(transaction["_id"]), "quantity": transaction["quantity"]},
        )
    )  # fmt: skip


@awards.badge_earned.connect
def hear_badge(_sender: Any, *, held: Document, badge: Document, **_more: Any) -> None:
    """Somebody has earned a badge."""
    desk.take(
        News(
            ACHIEVEMENT, held["user"], f"badge:{held['badge']}", "You earned a badge",
            f"The badge {badge['displayName'] or badge['name']} is yours now.", event=held["_id"],
            image_url=badge.get("imageUrl"), data={"badgeId": str(held["badge"])},
        )
    )  # fmt: skip


@ledger.wallet_changed.connect
def hear_wallet(_sender: Any, *, row: Document, **_more: Any) -> None:
    """A wallet changed: its owner is told of what they may not have done just now themselves."""
    kind, user_id = row.get("type"), row.get("userId")
    amount = money.minor(row["amount"], row["currency"])
    if kind not in TITLES or user_id is None or (kind == TRANSFER and amount < 0):
        return
    what = money.in_words(abs(amount), row["currency"])
    status = row.get("status") or "completed"
    body = f"{what} {STATUS_WORDS.get(status, status)}." if kind == WITHDRAWAL else f"{what}: {row['description']}"
    told = f"payment:{row['_id']}:{status}"
    desk.take(
        News(
            PAYMENT, user_id, told, TITLES[kind], body, event=told, action_url="/wallet",
            data={"transactionId": str(row["_id"]), "status": status},
        )
    )  # fmt: skip
