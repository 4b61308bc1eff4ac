"""Who bought, gave, received and withdrew coins in the demo, told in the order of time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bson import ObjectId

from mixillo.ops.datasets.demo.gifting import GiftCounter
from mixillo.ops.datasets.demo.ledger import Ledger, Move, Shown
from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

WELCOME_COINS = 20
SUPPORTERS, PATRONS = 180, 5
# How often each coin package is bought; the few patrons buy the large ones and give more often.
SHARES, PATRON_SHARES, PATRON_GIVES = (50, 25, 12, 7, 4, 2), (0, 0, 0, 10, 40, 50), 6
GIFTS, TRANSFERS = 2600, 150
WITHDRAWAL_MINIMUM, WITHDRAWALS_EVERY = 500, timedelta(days=10)
REQUESTS = 9
# Whose wallets are frozen.
CLOSED = ("banned", "suspended")
CONTEXTS = {"video": 5, "livestream": 3, "profile": 2}

Happening = tuple[datetime, Callable[[], None]]


class Economy:
    """Everything about coins; ``ledger``, ``counter`` and ``payments`` fill while ``run`` goes through the time."""

    def __init__(
        self,
        world: World,
        people: People,
        gifts: list[Document],
        packages: list[Document],
        posts: list[Document],
        streams: list[Document],
    ) -> None:
        self._world, self._people = world, people
        self._packages = packages
        self._posts = [post for post in posts if post["status"] == "active"]
        self._streams = [stream for stream in streams if stream["status"] != "scheduled"]
        self.ledger = Ledger(world, people)
        self.counter = GiftCounter(world, self.ledger, gifts)
        self.payments: list[Document] = []

    def run(self) -> None:
        supporters = [self._people.named("una"), *self._world.rng.sample(self._people.active[1:], SUPPORTERS - 1)]
        happenings = self._welcomes() + self._purchases(supporters)
        happenings += [self._gift_plan(supporters) for _ in range(GIFTS)]
        happenings += [self._transfer_plan(supporters) for _ in range(TRANSFERS)]
        happenings += self._withdrawals() + self._requests()
        for _at, happen in sorted(happenings, key=lambda happening: happening[0]):
            happen()
        for user in self._people.users:
            if user["status"] in CLOSED:
                self.ledger.freeze(user["_id"], f"The account is {user['status']}")

    # Plans: when something happens and to whom; whether there are coins for it shows only then.

    def _welcomes(self) -> list[Happening]:
        return [(user["createdAt"], partial(self._welcome, user)) for user in self._people.users]

    def _purchases(self, supporters: list[Document]) -> list[Happening]:
        plans: list[Happening] = []
        for position, user in enumerate(supporters):
            patron = 0 < position <= PATRONS
            for _ in range(min(9, int(1 + self._world.rng.paretovariate(0.8)))):
                since = max(user["createdAt"], self._world.season)
                at = self._world.between(since, self._world.moment, 1.6)
                package = self._world.rng.choices(self._packages, PATRON_SHARES if patron else SHARES)[0]
                plans.append((at, partial(self._purchase, user, package, at)))
        return plans

    def _gift_plan(self, supporters: list[Document]) -> Happening:
        world = self._world
        context = world.rng.choices(list(CONTEXTS), list(CONTEXTS.values()))[0]
        sender = world.pick(supporters + PATRON_GIVES * supporters[1 : PATRONS + 1])
        if context == "livestream":
            stream = world.pick(self._streams)
            at = world.between(stream["startedAt"], stream.get("endedAt", world.moment))
            return at, partial(self.counter.give, sender, stream["hostId"], at, context, stream)
        if context == "video":
            post = world.pick(self._posts)
            at = world.between(post["createdAt"], world.moment, 2)
            return at, partial(self.counter.give, sender, post["userId"], at, context, post)
        recipient = self._people.popular(world, 1)[0]
        at = world.between(max(world.season, recipient["createdAt"]), world.moment)
        return at, partial(self.counter.give, sender, recipient["_id"], at, context, None)

    def _transfer_plan(self, supporters: list[Document]) -> Happening:
        sender, recipient = self._world.rng.sample(supporters, 2)
        since = max(self._world.season, sender["createdAt"], recipient["createdAt"])
        at = self._world.between(since, self._world.moment)
        return at, partial(self._transfer, sender, recipient, at)

    def _withdrawals(self) -> list[Happening]:
        plans: list[Happening] = []
        at = self._world.season + WITHDRAWALS_EVERY
        while at < self._world.moment:
            plans += [(at, partial(self._withdraw, user, at)) for user in self._people.active]
            at += WITHDRAWALS_EVERY
        return plans

    def _requests(self) -> list[Happening]:
        """Plan the withdrawals that wait for a decision, all of the last days."""
        moments = [self._world.between(self._world.ago(days=3), self._world.moment) for _ in self._people.active]
        return [(at, partial(self._request, user, at)) for user, at in zip(self._people.active, moments, strict=True)]

    # Happenings: each is one entry of the ledger.

    def _welcome(self, user: Document) -> None:
        key = user["_id"]
        moves = [Move("issued", key, WELCOME_COINS, "bonus")]
        self.ledger.book(f"welcome:{key}", user["createdAt"], moves, {key: Shown("bonus", "Welcome to Mixillo")})

    def _purchase(self, user: Document, package: Document, at: datetime) -> None:
        coins, key = package["coins"] + package["bonusCoins"], user["_id"]
        payment = self._world.make.stamped("payments", at, _top_up(user, package, at, len(self.payments)))
        self.payments.append(payment)
        package["purchaseCount"] += 1
        text = f"Purchase of {package['name']}: {coins:,} coins"
        shown = Shown("coin_purchase", text, {"referenceId": payment["_id"], "referenceType": "other"})
        moves = [Move("issued", key, coins, "coin_purchase")]
        self.ledger.book(f"payment:{payment['_id']}", at, moves, {key: shown})

    def _transfer(self, sender: Document, recipient: Document, at: datetime) -> None:
        source, target = sender["_id"], recipient["_id"]
        if coins := self.ledger.available(source) // 10:
            shown = {
                source: Shown("transfer", f"To @{recipient['username']}", {"relatedUserId": target}),
                target: Shown("transfer", f"From @{sender['username']}", {"relatedUserId": source}),
            }
            entry = f"transfer:{self._world.make.new_id('transfers', at)}"
            self.ledger.book(entry, at, [Move(source, target, coins, "transfer")], shown)

    def _withdraw(self, user: Document, at: datetime) -> None:
        if (coins := self._worth_withdrawing(user, at)) is not None:
            identity, move, shown = self._withdrawal(user, coins, at)
            self.ledger.book(f"withdrawal:{identity}:posted", at, [move], {user["_id"]: shown})

    def _request(self, user: Document, at: datetime) -> None:
        if len(self.ledger.holds) < REQUESTS and (coins := self._worth_withdrawing(user, at)) is not None:
            identity, move, shown = self._withdrawal(user, coins, at)
            account = {"holder": user["fullName"], "iban": "DE00 0000 0000 0000 0000 00"}
            details = {"method": "bank", "accountDetails": account, "payout": None}
            self.ledger.hold(f"withdrawal:{identity}", at, move, shown, details)

    def _worth_withdrawing(self, user: Document, at: datetime) -> int | None:
        coins = self.ledger.earned(user["_id"]) if at >= user["createdAt"] else 0
        return coins if coins >= WITHDRAWAL_MINIMUM else None

    def _withdrawal(self, user: Document, coins: int, at: datetime) -> tuple[ObjectId, Move, Shown]:
        identity = self._world.make.new_id("withdrawals", at)
        reference = {"referenceId": identity, "referenceType": "withdrawal"}
        move = Move(user["_id"], "payouts", coins, "withdrawal")
        return identity, move, Shown("withdrawal", "Withdrawal by bank", reference)


def _top_up(user: Document, package: Document, at: datetime, number: int) -> dict[str, Any]:
    return {
        "userId": user["_id"],
        "amount": package["price"],
        "currency": package["currency"],
        "paymentMethod": "card",
        "status": "completed",
        "type": "coin_purchase",
        "description": f"Purchase of {package['name']}",
        "metadata": {
            "packageId": package["_id"],
            "packageName": package["name"],
            "coins": package["coins"],
            "bonusCoins": package["bonusCoins"],
        },
        "idempotencyKey": f"coins-{number:06d}",
        "completedAt": at,
    }
