"""Amounts: whole minor units in every calculation; decimals only where they are stored or shown.

Coins are whole and stored as integers. Money of a country is stored as ``Decimal128`` (documents of the existing
system hold doubles, which are read to the nearest minor unit) and shown as a number with its currency's decimals.
"""

import hashlib
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from bson import Decimal128, Int64, ObjectId

COINS = "coins"
EXPONENTS = {COINS: 0, "USD": 2, "EUR": 2, "GBP": 2}
CURRENCIES = tuple(EXPONENTS)
FIAT = tuple(currency for currency in CURRENCIES if currency != COINS)
# One transfer is bounded far below what sums of them could overflow, in 64 bits and in a JavaScript number.
MAX_MINOR = 10**12


def minor(value: Any, currency: str) -> int:
    """Return a stored amount (integer, double, ``Decimal128`` or none) in minor units, to the nearest one.

    :raises ValueError: it is no number.
    """
    scaled = decimal(value).scaleb(EXPONENTS[currency])
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def exact_minor(value: Any, currency: str) -> int:
    """Return an amount that somebody asks for in minor units.

    :raises ValueError: it is no number, or has more decimals than the currency.
    """
    scaled = decimal(value).scaleb(EXPONENTS[currency])
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{currency} has {EXPONENTS[currency]} decimals")
    return int(scaled)


def stored(units: int, currency: str) -> Int64 | Decimal128:
    """Return ``units`` (minor) as they are stored in, and added to, a document."""
    if currency == COINS:
        return Int64(units)
    return Decimal128(Decimal(units).scaleb(-EXPONENTS[currency]))


def shown(units: int, currency: str) -> int | float:
    """Return ``units`` (minor) as the API shows them: the nearest double prints with the right decimals."""
    return units if currency == COINS else float(Decimal(units).scaleb(-EXPONENTS[currency]))


def percentage(units: int, percent: Decimal) -> int:
    """Return so many percent of ``units`` (minor), to the nearest unit, halves to the even one."""
    return int((Decimal(units) * percent / 100).to_integral_value(ROUND_HALF_EVEN))


def in_words(units: int, currency: str) -> str:
    """Return ``units`` (minor) for people: ``1,250 coins``, ``12.50 USD``."""
    return f"{Decimal(units).scaleb(-EXPONENTS[currency]):,.{EXPONENTS[currency]}f} {currency}"


def house_wallet_id(account: str, currency: str) -> ObjectId:
    """Return the id of a wallet of the house, which is the same in every database."""
    return ObjectId(hashlib.sha256(f"mixillo house {account} {currency}".encode()).digest()[:12])


def decimal(value: Any) -> Decimal:
    """Return a stored number (integer, double, ``Decimal128`` or none) as a decimal.

    :raises ValueError: it is no number.
    """
    if isinstance(value, Decimal128):
        value = value.to_decimal()
    try:
        number = Decimal(str(value or 0))
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite():
        raise ValueError("not a number")
    return number
