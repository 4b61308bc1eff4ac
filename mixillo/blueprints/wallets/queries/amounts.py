"""What of a wallet may leave it, and for where; in minor units, of a document as it is stored."""

from typing import Any

from mixillo.core import money

EARNED = "withdrawableBalance"


def available(wallet: dict[str, Any], currency: str) -> int:
    """Return what may leave a wallet: its balance without what open holds set aside."""
    return money.minor(wallet.get("balance"), currency) - money.minor(wallet.get("pending"), currency)


def withdrawable(wallet: dict[str, Any], currency: str) -> int:
    """Return what may be withdrawn of a wallet: what was earned, as far as it is available."""
    return max(0, min(available(wallet, currency), money.minor(wallet.get(EARNED), currency)))
