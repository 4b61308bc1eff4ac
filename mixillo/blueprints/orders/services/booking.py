"""The money of orders in the ledger: into escrow, out to sellers, back to buyers.

What buyers pay waits in the house's ``escrow``: from their wallets, or from outside (``payouts``) when the payment
provider tells that it was paid. A seller gets it when the goods are delivered, less the commission, which is the
house's ``revenue``. Cash is taken in by who delivers, for the house: it comes from outside at that moment.
"""

from typing import Any

from bson import ObjectId
from flask import current_app

from mixillo.blueprints.orders.models import BY_PROVIDER, CASH, DONE, DUE
from mixillo.blueprints.orders.queries import parts
from mixillo.blueprints.orders.services.working import Work
from mixillo.blueprints.wallets.models import ESCROW, PAYOUTS, REVENUE
from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import Account, Entry, Note, Transfer
from mixillo.core import money

Document = dict[str, Any]
PURCHASE, PAYOUT, COMMISSION, REFUND = "order_purchase", "order_payout", "order_commission", "order_refund"


def pay_from_wallet(work: Work) -> None:
    """Take the total from the buyer's wallet.

    :raises InsufficientFunds: there is not as much in it.
    :raises WalletFrozen: nothing leaves it.
    """
    buyer, total = _buyer(work), work.units("total")
    transfer = Transfer(buyer, _house(ESCROW, work), total, PURCHASE)
    note = Note("purchase", f"Order {work.order['orderNumber']}", _about(work))
    _post(work, "paid", [transfer], {buyer: note})
    work.order["paidAmount"] = work.order["total"]


def take_in(work: Work, payment: Document) -> None:
    """Let what the payment provider has taken wait in escrow."""
    paid = money.minor(payment["amount"], work.currency)
    _post(work, "paid", [Transfer(_house(PAYOUTS, work), _house(ESCROW, work), paid, PURCHASE)], {})
    work.add(work.order, "paidAmount", paid)


def hand_back(work: Work, before: int, after: int) -> None:
    """Let out of escrow what the payment provider has given back, ``after`` in all; bear what nobody had asked for.

    That is, whoever runs the provider's own pages gave something back: the parts are worth less from now on.
    """
    given = after - before
    transfer = Transfer(_house(ESCROW, work), _house(PAYOUTS, work), given, REFUND)
    _post(work, f"refunded:{after}", [transfer], {})
    work.add(work.order, "refundedAmount", given)
    refunds: list[Document] = work.order.setdefault("refunds", [])
    asked = sum(parts.units(each, "amount", work.currency) for each in refunds)
    if after > asked:
        _bear(work, after - asked)
        refunds.append(_refund(work, after - asked, "By the payment provider", DUE))
    _settle(work, refunds, after)


def pay_out(work: Work, part: Document) -> None:
    """Pay the seller of a part that was delivered; cash has come in by now."""
    gross = parts.left(part, work.currency)
    is_cash = work.order["paymentMethod"] == CASH
    if is_cash:
        work.add(work.order, "paidAmount", gross)
    if not gross:
        return
    goods = parts.units(part, "goods", work.currency) - parts.units(part, "discount", work.currency)
    whole = parts.units(part, "amount", work.currency)
    commission = money.percentage(goods * gross // whole, current_app.config["SETTINGS"].commission_percent)
    source, seller = _house(PAYOUTS if is_cash else ESCROW, work), ledger.user(part["sellerId"], work.currency)
    shares = ((seller, gross - commission, PAYOUT), (_house(REVENUE, work), commission, COMMISSION))
    note = Note("earning", f"Order {work.order['orderNumber']}", _about(work), is_earning=True)
    transfers = [Transfer(source, account, amount, kind) for account, amount, kind in shares if amount]
    _post(work, f"payout:{work.parts.index(part)}", transfers, {seller: note} if gross > commission else {})
    amounts = {"amount": gross, "commission": commission, "net": gross - commission, "refunded": 0}
    part["payout"] = {name: money.stored(each, work.currency) for name, each in amounts.items()} | {"at": work.now}


def collected(work: Work, part: Document) -> int:
    """Return how much of a part's money is there to be given back, in minor units."""
    is_there = bool(part.get("payout")) if work.order["paymentMethod"] == CASH else bool(work.order.get("paidAt"))
    return parts.left(part, work.currency) if is_there and work.order.get("isBooked") else 0


def give_back(work: Work, part: Document, amount: int, reason: str) -> None:
    """Give the buyer ``amount`` of a part back; where its seller was paid, that is clawed back first.

    It goes to the buyer's wallet, at once, unless the payment provider took it: then the provider is asked after the
    commit, and tells when it is done.
    """
    if not amount:
        return
    _take_from(work, part, amount)
    refund(work, amount, reason)


def refund(work: Work, amount: int, reason: str) -> None:
    """Let ``amount`` go from escrow back to the buyer, by the way that it came."""
    refunds: list[Document] = work.order.setdefault("refunds", [])
    if work.order["paymentMethod"] in BY_PROVIDER:
        refunds.append(_refund(work, amount, reason, DUE))
        work.order["refundDueAt"] = work.now
        return
    buyer = _buyer(work)
    note = Note("refund", f"Order {work.order['orderNumber']}: {reason}"[:300], _about(work))
    _post(work, f"refund:{len(refunds)}", [Transfer(_house(ESCROW, work), buyer, amount, REFUND)], {buyer: note})
    work.add(work.order, "refundedAmount", amount)
    refunds.append(_refund(work, amount, reason, DONE))


def return_payment(work: Work, reason: str) -> None:
    """Give everything back that was paid for an order of which nothing comes."""
    for part in work.parts:
        work.add(part, "refunded", parts.left(part, work.currency))
    refund(work, work.units("paidAmount"), reason)


def _bear(work: Work, amount: int) -> None:
    """Spread what was given back, and nobody had asked for, over the parts, as far as they reach."""
    for part in work.parts:
        share = min(amount, parts.left(part, work.currency))
        if share > 0:
            _take_from(work, part, share)
            amount -= share


def _take_from(work: Work, part: Document, amount: int) -> None:
    """Let a part be worth less by ``amount``; what its seller and the house got of that goes back to escrow.

    What the seller has not got any more becomes a debt of theirs, which the house bears until it is repaid.
    """
    work.add(part, "refunded", amount)
    payout = part.get("payout")
    if not payout:
        return
    gross, commission, before = (
        parts.units(payout, name, work.currency) for name in ("amount", "commission", "refunded")
    )
    of_house = commission * (before + amount) // gross - commission * before // gross
    work.add(payout, "refunded", amount)
    place = f"{work.parts.index(part)}:{before + amount}"
    seller, escrow = ledger.user(part["sellerId"], work.currency), _house(ESCROW, work)
    if of_seller := amount - of_house:
        note = Note("refund", f"Order {work.order['orderNumber']} was given back", _about(work))
        work.posted.append(
            ledger.claw_back(_entry(work, f"clawback:{place}"), seller, of_seller, note, work.session, back_to=ESCROW)
        )
    if of_house:
        _post(work, f"commission:{place}", [Transfer(_house(REVENUE, work), escrow, of_house, REFUND)], {})


def _settle(work: Work, refunds: list[Document], given: int) -> None:
    """Note which refunds the ``given`` amount has covered; it does not matter which the provider means."""
    for each in refunds:
        given -= parts.units(each, "amount", work.currency)
        if given >= 0:
            each["state"] = DONE
    if not any(each["state"] == DUE for each in refunds):
        work.order.pop("refundDueAt", None)


def _refund(work: Work, amount: int, reason: str, state: str) -> Document:
    return {"_id": ObjectId(), "amount": money.stored(amount, work.currency), "reason": reason, "state": state,
            "at": work.now}  # fmt: skip


def _post(work: Work, what: str, transfers: list[Transfer], notes: dict[Account, Note]) -> None:
    work.posted.append(ledger.post(Entry(_entry(work, what), transfers, notes), work.session))


def _entry(work: Work, what: str) -> str:
    return f"order:{work.id}:{what}"


def _buyer(work: Work) -> Account:
    return ledger.user(work.order["userId"], work.currency)


def _house(name: str, work: Work) -> Account:
    return ledger.house(name, work.currency)


def _about(work: Work) -> Document:
    return {"referenceId": work.id, "referenceType": "order", "relatedOrderId": work.id}
