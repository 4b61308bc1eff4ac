"""The tables of the Money page: accounts, flows, wallets, withdrawals."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mixillo.blueprints.dashboard.tables import Column, Table, number, word
from mixillo.core import clock, money

Document = dict[str, Any]


def _shown(units: int, currency: str) -> str:
    return money.in_words(units, currency).partition(" ")[0]


def _owner(wallet: Document) -> str:
    return f"@{wallet['user']['username']}" if wallet["user"] else str(wallet["userId"])


def _amount(key: str, title: str, hint: str = "") -> Column:
    """Return a column of what the API shows of a wallet, in units of its currency."""

    def text(row: Document) -> str:
        return _shown(money.minor(row[key], row["currency"]), row["currency"])

    return Column(key, title, lambda row: row[key], text, hint=hint)


def _sum(currency: str) -> Column:
    """Return the column of a currency among the accounts of the books."""

    def units(row: Document) -> int:
        found: int = row["sums"].get(currency, 0)
        return found

    return Column(
        currency,
        currency,
        units,
        lambda row: _shown(units(row), currency),
        cell=lambda row: money.shown(units(row), currency),
    )


ACCOUNTS = (word("account", "Account", lambda row: row["account"]), *map(_sum, money.CURRENCIES))
FLOWS = (
    word("kind", "Kind", lambda row: row["kind"]),
    word("source", "From", lambda row: row["source"]),
    word("target", "To", lambda row: row["target"]),
    word("currency", "Currency", lambda row: row["currency"]),
    Column(
        "amount", "Amount", lambda row: row["amount"], lambda row: _shown(row["amount"], row["currency"]),
        cell=lambda row: money.shown(row["amount"], row["currency"]),
    ),
    number("count", "Transfers", lambda row: row["count"]),
)  # fmt: skip
WALLETS = (
    word("owner", "Owner", _owner),
    _amount("balance", "Balance"),
    _amount("available", "Available", "What is not set aside"),
    _amount("withdrawableBalance", "Earned", "What its owner may withdraw"),
    _amount("debt", "Owed", "For refunded purchases that had been spent"),
    word("state", "State", lambda row: "frozen" if row["frozen"] else "open"),
    word("wallet", "Wallet", lambda row: str(row["_id"])),
)
FROZEN = (*WALLETS[:2], word("reason", "Reason", lambda row: row["lockReason"] or ""), WALLETS[-1])
WITHDRAWALS = (
    word("owner", "Owner", _owner),
    _amount("amount", "Amount"),
    word("currency", "Currency", lambda row: row["currency"]),
    word("method", "Method", lambda row: row["method"]),
    word("createdAt", "Asked (UTC)", lambda row: clock.timestamp(row["createdAt"])),
    word("withdrawal", "Withdrawal", lambda row: str(row["_id"])),
)


def accounts(found: Sequence[Document], parameters: Mapping[str, str]) -> Table:
    """Return the accounts of the books."""
    return Table.of("accounts", ACCOUNTS, found, order="", parameters=parameters)


def flows(found: Sequence[Document], parameters: Mapping[str, str]) -> Table:
    """Return what moved, by kind, the largest first."""
    return Table.of("flows", FLOWS, found, order="-amount", parameters=parameters)


def wallets(found: Sequence[Document], parameters: Mapping[str, str]) -> Table:
    """Return wallets; whom the search means is found by the database, not among these."""
    search = parameters.get("wallets-search", "").strip()
    others = {key: value for key, value in parameters.items() if key != "wallets-search"}
    return replace(
        Table.of("wallets", WALLETS, found, order="-balance", parameters=others), search=search, parameters=parameters
    )


def frozen(found: Sequence[Document], parameters: Mapping[str, str]) -> Table:
    """Return frozen wallets."""
    return Table.of("frozen", FROZEN, found, order="-balance", parameters=parameters)


def withdrawals(found: Sequence[Document], parameters: Mapping[str, str]) -> Table:
    """Return withdrawals that wait, for the CSV; where the money goes is not among it."""
    return Table.of("withdrawals", WITHDRAWALS, found, order="-createdAt", parameters=parameters)
