"""What the Money page shows: the books as they were last compared, and wallets as they are now."""

from collections.abc import Mapping
from typing import Any

from mixillo.blueprints.wallets.models import HOUSE_ACCOUNTS
from mixillo.blueprints.wallets.queries import flows, wallets, withdrawals
from mixillo.core import money
from mixillo.core.kept import kept
from mixillo.ops import reconciliations

Document = dict[str, Any]
SHOWN, SHOWN_DRIFTS, SHOWN_WITHDRAWALS = 25, 20, 20
LONGEST_SEARCH = 254
# Adding up a busy day takes longer than a page may.
SECONDS_OF_FLOWS = 10.0
USERS, TOGETHER = "users", "together"


def currency_of(parameters: Mapping[str, str]) -> str:
    """Return the currency that the page is asked for; coins where that is none."""
    asked = parameters.get("currency", "")
    return asked if asked in money.CURRENCIES else money.COINS


def accounts(found: Document) -> list[Document]:
    """Return the accounts of the books with what is in each, by currency in minor units, and all of them together."""
    rows = [{"account": USERS, "sums": found["users"]}]
    rows += [{"account": name, "sums": found["house"][name]} for name in HOUSE_ACCOUNTS]
    return [*rows, {"account": TOGETHER, "sums": found["offBalance"]}]


def faults(found: Document) -> int:
    """Return how many things are wrong in the books."""
    return reconciliations.faults(found)


def today() -> list[Document]:
    """Return what has moved since midnight (UTC), some seconds ago at most."""
    since = flows.midnight()
    return kept(("money.today", since), SECONDS_OF_FLOWS, lambda: flows.between(since, None))


def largest(currency: str, search: str) -> list[Document]:
    """Return the wallets in a currency that hold most, or those of whom ``search`` may mean."""
    return _wallets(currency, {"search": search[:LONGEST_SEARCH]} if search else {})


def frozen(currency: str) -> list[Document]:
    """Return the frozen wallets in a currency that hold most."""
    return _wallets(currency, {"frozen": True})


def waiting() -> tuple[list[Document], int]:
    """Return the withdrawals that wait for a decision, the newest first, and how many there are in all."""
    query = {"status": withdrawals.PENDING, "page": 1, "limit": SHOWN_WITHDRAWALS, "total": True}
    found, pagination = withdrawals.everybody(query)
    return found, pagination["total"]


def confirmation(verb: str, withdrawal: Document) -> str:
    """Return what is typed to ``approve`` or ``reject`` a withdrawal."""
    return f"{verb} {withdrawal['amount']:.{money.EXPONENTS[withdrawal['currency']]}f}"


def _wallets(currency: str, more: Document) -> list[Document]:
    query = {"currency": currency, "page": 1, "limit": SHOWN, "total": False} | more
    found, _ = wallets.everybody(query)
    return found
