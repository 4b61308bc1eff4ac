"""How the text of an environment variable becomes a value; a ``ValueError`` says what it must be."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit


def integer(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from ``minimum`` to ``maximum``."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d+", text) or not minimum <= int(text) <= maximum:
            raise ValueError(f"must be a whole number from {minimum} to {maximum}")
        return int(text)

    return parse


def choice(*allowed: str) -> Callable[[str], str]:
    """Return a parser of one of the ``allowed`` words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return parse


def url(*schemes: str) -> Callable[[str], str]:
    """Return a parser of URLs with one of ``schemes``."""

    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.netloc:
            raise ValueError(f"must be a URL that starts with {' or '.join(f'{s}://' for s in schemes)}")
        return text

    return parse


def address_with_port(text: str) -> str:
    """Parse the URL of a server, whose port has to be in it."""
    if not urlsplit(url("http", "https")(text)).port:
        raise ValueError("must name its port, such as https://search.example.com:9200")
    return text


def origins(text: str) -> tuple[str, ...]:
    """Parse a comma-separated list of origins (scheme and host); ``*`` is refused."""
    found = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise ValueError("must be a comma-separated list of origins such as https://app.example.com")
    return found


def addresses(text: str) -> tuple[str, ...]:
    """Parse a list of URLs of any scheme, separated by commas or spaces; a comma inside a URL is part of it."""
    found = tuple(re.split(r"[\s,]+(?=[a-z][\w+.-]*://)", text.strip(" ,"), flags=re.I))
    if not all("://" in part for part in found):
        raise ValueError("must be a list of URLs such as json://alerts.example.com/hook")
    return found


def on_off(text: str) -> bool:
    """Parse ``on`` or ``off``."""
    return choice("on", "off")(text) == "on"


def short_name(text: str) -> str:
    """Parse a name that may stand in a URL: up to 20 small letters and digits."""
    if not re.fullmatch(r"[a-z0-9]{1,20}", text):
        raise ValueError("must be up to 20 small letters and digits, such as one")
    return text


def words(text: str) -> str:
    """Accept any text."""
    return text


def rate(text: str) -> str:
    """Parse a rate such as ``300/minute``, or ``off``."""
    if text != "off" and not re.fullmatch(r"\d+/(second|minute|hour|day)", text):
        raise ValueError("must be off or a rate such as 300/minute")
    return text


def price(text: str) -> Decimal:
    """Parse an amount above zero with at most six decimals."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or number <= 0 or number != round(number, 6):
        raise ValueError("must be an amount above zero with at most six decimals, such as 0.01")
    return number


def amount(text: str) -> Decimal:
    """Parse an amount of money, which may be nothing, with at most two decimals."""
    if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", text):
        raise ValueError("must be an amount with at most two decimals, such as 5.99")
    return Decimal(text)


def percent(text: str) -> Decimal:
    """Parse a percentage from 0 to 100 with at most three decimals."""
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text) or Decimal(text) > 100:
        raise ValueError("must be a percentage from 0 to 100, such as 19 or 7.7")
    return Decimal(text)


def country(text: str) -> str:
    """Parse the two letters of a country (ISO 3166), in capitals."""
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError("must be the two capital letters of a country, such as DE")
    return text
