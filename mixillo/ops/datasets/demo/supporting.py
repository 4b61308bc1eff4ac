"""Tiers and badges of the demo's supporters, reckoned from the gifts they gave."""

from collections import Counter
from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.ops.datasets.demo.ledger import Ledger
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document
from mixillo.ops.datasets.supporters import credit_packages, supporter_badges, supporter_tiers


class Supporters:
    """The catalogue and who has reached what; spending is counted in coins."""

    def __init__(self, world: World, given: list[Document], ledger: Ledger) -> None:
        self._world, self._given, self._ledger = world, given, ledger
        opened = world.ago(days=399)
        self.packages = credit_packages(world.make, opened)
        self.tiers = supporter_tiers(world.make, opened)
        self.badges = supporter_badges(world.make, opened)
        self.awards = self._awards()
        self.balances = self._balances()

    def _awards(self) -> list[Document]:
        """Return each badge once per user, dated by the gift that earned it."""
        made: list[Document] = []
        for badge in self.badges:
            winners = self._winners(badge["requirements"]["type"], badge["requirements"]["value"])
            made += [self._award(badge, user, at) for user, at in winners.items()]
            badge["availability"]["awardedCount"] = len(winners)
            badge["stats"] = {"totalAwarded": len(winners), "currentHolders": len(winners)}
        return made

    def _winners(self, kind: str, value: int) -> dict[ObjectId, datetime]:
        counted: Counter[ObjectId] = Counter()
        supporters: dict[ObjectId, set[ObjectId]] = {}
        winners: dict[ObjectId, datetime] = {}
        for gift in self._given:
            sender, recipient = gift["senderId"], gift["recipientId"]
            if kind == "gifts_sent":
                counted[sender] += gift["quantity"]
            elif kind == "spending":
                counted[sender] += gift["totalCost"]
            elif kind == "supporters_count":
                supporters.setdefault(recipient, set()).add(sender)
                counted[recipient] = len(supporters[recipient])
            for user in (sender, recipient):
                if counted[user] >= value:
                    winners.setdefault(user, gift["createdAt"])
        return winners

    def _award(self, badge: Document, user: ObjectId, at: datetime) -> Document:
        fields: dict[str, Any] = {
            "user": user,
            "badge": badge["_id"],
            "awardedAt": at,
            "awardedBy": "system",
            "display": {"showOnProfile": True, "showInChat": True, "isPrimary": False, "order": 0},
            "progress": {
                "current": badge["requirements"]["value"],
                "target": badge["requirements"]["value"],
                "percentage": 100,
            },
            "isExpired": False,
            "notificationSent": True,
        }
        return self._world.make.stamped("userbadges", at, fields)

    def _balances(self) -> list[Document]:
        """Return the totals of everybody who gave or got a gift, and count the members of each tier."""
        spent: Counter[ObjectId] = Counter()
        received: Counter[ObjectId] = Counter()
        for gift in self._given:
            spent[gift["senderId"]] += gift["totalCost"]
            received[gift["recipientId"]] += gift["creatorEarnings"]
        bought: Counter[ObjectId] = Counter()
        for row in self._ledger.rows:
            if row["type"] == "coin_purchase":
                bought[row["userId"]] += row["amount"]
        return [
            self._balance(user, spent[user], received[user], bought[user])
            for user in sorted(spent.keys() | received.keys())
        ]

    def _balance(self, user: ObjectId, spent: int, received: int, bought: int) -> Document:
        tier = [each for each in self.tiers if each["requirements"]["totalSpent"] <= spent][-1]
        tier["stats"]["currentUsers"] += 1
        wallet = self._ledger.wallet(user)
        fields = {
            "user": user,
            "balance": wallet["balance"],
            "lifetime": {
                "totalEarned": received,
                "totalSpent": spent,
                "totalPurchased": bought,
                "totalGifted": spent,
                "totalReceived": received,
            },
            "tier": tier["name"],
            "tierBenefits": {
                "discountPercentage": tier["benefits"]["discountPercentage"],
                "bonusCreditsMultiplier": tier["benefits"]["bonusCreditsMultiplier"],
                "exclusiveGifts": False,
            },
            "restrictions": {"canPurchase": True, "canGift": True},
            "lastTransaction": wallet["lastTransactionAt"],
        }
        return self._world.make.stamped("usercreditbalances", wallet["createdAt"], fields, wallet["updatedAt"])
