"""What a payment is for: features above say what follows from one of their type.

::

    purposes.register(Purpose("coin_purchase", fulfil=credit, take_back=claw_back, announce=tell))
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from mixillo.blueprints.payments.models import TYPES

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What follows from payments of one ``type``.

    ``fulfil(payment, session)`` is called once per payment, in the transaction that writes down that it was paid;
    ``take_back(payment, before, after, session)`` whenever more of it was refunded: ``after`` minor units in all,
    of which ``before`` had been known. Both may be repeated, so they must have no effects outside the session.
    ``announce(payment, effect)`` is called after the commit with what either of them returned.
    """

    type: str
    fulfil: Callable[[Document, ClientSession], Any]
    take_back: Callable[[Document, int, int, ClientSession], Any]
    announce: Callable[[Document, Any], None]


_registered: dict[str, Purpose] = {}


def register(purpose: Purpose) -> None:
    """Let payments of the purpose's type be made."""
    if purpose.type not in TYPES:
        raise ValueError(f"there is no type of payment {purpose.type}")
    _registered[purpose.type] = purpose


def of(kind: str) -> Purpose:
    """Return what payments of the type ``kind`` are for.

    :raises LookupError: nobody has said so.
    """
    return _registered[kind]
