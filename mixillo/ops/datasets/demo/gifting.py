"""How a gift changes hands in the demo: one debit, two credits, one gift transaction."""

from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.ops.datasets.demo.gifts import CREATOR_EARNINGS_PERCENT
from mixillo.ops.datasets.demo.ledger import Ledger, Move, Shown
from mixillo.ops.datasets.demo.words import GIFT_NOTES
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

QUANTITIES = {1: 80, 2: 9, 3: 6, 5: 3, 10: 2}
WITH_A_NOTE = 0.3


class GiftCounter:
    """Sells gifts to users who can afford them; ``transactions`` holds what was given."""

    def __init__(self, world: World, ledger: Ledger, gifts: list[Document]) -> None:
        self._world, self._ledger, self._gifts = world, ledger, gifts
        self.transactions: list[Document] = []

    def give(self, sender: Document, recipient: ObjectId, at: datetime, context: str, place: Document | None) -> None:
        """Give something in ``place`` (a post, a stream or none), unless the sender has not the coins for it."""
        balance = self._ledger.available(sender["_id"])
        affordable = [gift for gift in self._gifts if gift["price"] <= balance]
        if not affordable or recipient == sender["_id"] or at < sender["createdAt"]:
            return
        rng = self._world.rng
        gift = rng.choices(affordable, [gift["price"] ** -0.35 for gift in affordable])[0]
        quantity = min(rng.choices(list(QUANTITIES), list(QUANTITIES.values()))[0], balance // gift["price"])
        fields = {"senderId": sender["_id"], "recipientId": recipient, "context": context, **_priced(gift, quantity)}
        if self._world.chance(WITH_A_NOTE):
            fields["message"] = self._world.pick(GIFT_NOTES)
        given = self._world.make.dated("gifttransactions", at, fields)
        if place is not None:
            _put(given, place)
        self._book(given)
        gift["timesSent"] += quantity
        gift["popularity"] += quantity
        gift["totalRevenue"] += given["totalCost"]
        self.transactions.append(given)

    def _book(self, given: Document) -> None:
        sender, recipient = given["senderId"], given["recipientId"]
        reference = {"referenceId": given["_id"], "referenceType": "gift"}
        if "contentId" in given:
            reference["relatedContentId"] = given["contentId"]
        text = f"{given['quantity']} × {given['giftName']}"
        moves = [
            Move(sender, recipient, given["creatorEarnings"], "gift_earnings"),
            Move(sender, "revenue", given["platformFee"], "gift_fee"),
        ]
        shown = {
            sender: Shown("gift_sent", text, reference | {"relatedUserId": recipient}),
            recipient: Shown("gift_received", text, reference | {"relatedUserId": sender}, is_earning=True),
        }
        rows = self._ledger.book(f"gift:{given['_id']}", given["createdAt"], moves, shown)
        given["walletTransactionId"] = rows[sender]["_id"]


def _priced(gift: Document, quantity: int) -> dict[str, Any]:
    cost = gift["price"] * quantity
    earnings = cost * CREATOR_EARNINGS_PERCENT // 100
    return {
        "giftId": gift["_id"],
        "quantity": quantity,
        "unitPrice": gift["price"],
        "totalCost": cost,
        "currency": "coins",
        "creatorEarnings": earnings,
        "platformFee": cost - earnings,
        "giftName": gift["name"],
        "giftIcon": gift["icon"],
        "giftAnimation": gift["animation"],
        "status": "completed",
        "isAnonymous": False,
        "isPublic": True,
    }


def _put(given: Document, place: Document) -> None:
    if given["context"] == "video":
        given["contentId"] = place["_id"]
        return
    given["livestreamId"] = place["_id"]
    place["totalGiftsValue"] += given["totalCost"]
    place["giftsCount"] += given["quantity"]
    place["giftsReceived"].append(
        {
            "giftId": given["giftId"],
            "fromUserId": given["senderId"],
            "quantity": given["quantity"],
            "value": given["totalCost"],
            "timestamp": given["createdAt"],
        }
    )
