"""Order numbers: ``ORD-MJ0A1B2C-9ZK4QF``, the moment and six random characters."""

import secrets
import string
from datetime import datetime

DIGITS = string.digits + string.ascii_uppercase
RANDOM = 6


def number(moment: datetime) -> str:
    """Return a new order number; two are the same once in two billion of the same millisecond."""
    chance = "".join(secrets.choice(DIGITS) for _ in range(RANDOM))
    return f"ORD-{base36(int(moment.timestamp() * 1000))}-{chance}"


def base36(value: int) -> str:
    """Return a whole number above zero in digits and capitals."""
    digits = ""
    while value:
        value, digit = divmod(value, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits
