"""Shapes of payment methods, in and out. Nothing that looks like the number of a card gets further than this."""

import re
import unicodedata
from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate, validates_schema

from mixillo.blueprints.paymentmethods.models import ACCOUNT_TYPES, BANK, CREDIT, DEBIT, PROVIDERS, TYPES
from mixillo.core import clock
from mixillo.core.schemas import BaseSchema, Id, Text, Timestamp

CARDS = (CREDIT, DEBIT)
# What card numbers have, whatever stands between the digits. No check digit is asked for: a number that was typed
# wrongly is as much of a secret as the right one.
NUMBER_OF_A_CARD = re.compile(r"\d{12,19}")
LATEST_YEAR = 2100


def refuse_card_numbers(value: Any) -> None:
    """Accept what has no text or number in it, however deep, that looks like the number of a card.

    :raises ValidationError: something does; it is not repeated.
    """
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for each in value:
            refuse_card_numbers(each)
    elif NUMBER_OF_A_CARD.search(_digits(value)):
        raise ValidationError("Never send the number of a card: send the token that the payment provider gave you.")


def _digits(value: Any) -> str:
    """Return ``value`` with the digits of any script as ours, and nothing but letters between them."""
    spelled = (str(unicodedata.digit(character, character)) for character in str(value))
    return "".join(character for character in spelled if character.isalnum())


def _last4() -> fields.String:
    rule = validate.Regexp(r"^[0-9]{4}$(?!\n)", error="Must be the last four digits.")
    return fields.String(required=True, validate=rule, metadata={"example": "4242"})


class CardSchema(BaseSchema):
    """What is printed on a receipt of a card."""

    brand = Text(required=True, min_length=1, max_length=30, metadata={"example": "visa"})
    last4 = _last4()
    expiryMonth = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=12))
    expiryYear = fields.Integer(required=True, strict=True, validate=validate.Range(min=2000, max=LATEST_YEAR))

    @validates_schema
    def refuse_expired(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Refuse a card that is no longer good.

        :raises ValidationError: naming the month.
        """
        now = clock.now()
        if (data["expiryYear"], data["expiryMonth"]) < (now.year, now.month):
            raise ValidationError("The card has expired.", "expiryMonth")


class BankAccountSchema(BaseSchema):
    """What is printed on a receipt of an account."""

    bankName = Text(required=True, min_length=1, max_length=100)
    accountType = fields.String(validate=validate.OneOf(ACCOUNT_TYPES))
    last4 = _last4()


class PaymentMethodChangesSchema(BaseSchema):
    """What to change about a payment method; another card is another payment method."""

    nickname = Text(max_length=50, allow_none=True)
    isDefault = fields.Boolean(truthy={True}, falsy={False})

    @pre_load
    def without_card_numbers(self, data: Any, **_keywords: Any) -> Any:
        """Return ``data``, in which nothing looks like the number of a card.

        :raises ValidationError: something does.
        """
        refuse_card_numbers(data)
        return data


class NewPaymentMethodSchema(PaymentMethodChangesSchema):
    """A payment method to add: the provider's token, and what is shown of it."""

    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    provider = fields.String(required=True, validate=validate.OneOf(PROVIDERS))
    providerId = fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Za-z0-9_.:-]{3,255}$(?!\n)", error="Must be a token of the payment provider."),
        metadata={"description": "The token that the payment provider gave out for it.", "example": "pm_1NxCard"},
    )
    card = fields.Nested(CardSchema)
    bankAccount = fields.Nested(BankAccountSchema)

    @validates_schema
    def require_what_it_is(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Require ``card`` for cards and ``bankAccount`` for accounts, and neither for anything else.

        :raises ValidationError: naming what is missing, or too much.
        """
        for name, types in (("card", CARDS), ("bankAccount", (BANK,))):
            if name in data and data["type"] not in types:
                raise ValidationError(f"Not for {data['type']}.", name)
            if name not in data and data["type"] in types:
                raise ValidationError("Missing data for required field.", name)


class ShownCardSchema(BaseSchema):
    """What is shown of a card."""

    brand = fields.String(required=True, allow_none=True, metadata={"example": "visa"})
    last4 = fields.String(required=True, allow_none=True, metadata={"example": "4242"})
    expiryMonth = fields.Integer(required=True, allow_none=True)
    expiryYear = fields.Integer(required=True, allow_none=True)


class ShownBankAccountSchema(BaseSchema):
    """What is shown of an account."""

    bankName = fields.String(required=True, allow_none=True)
    accountType = fields.String(required=True, allow_none=True)
    last4 = fields.String(required=True, allow_none=True)


class PaymentMethodSchema(BaseSchema):
    """A payment method; the provider's token stays with us."""

    _id = Id(required=True)
    id = Id(required=True)
    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    provider = fields.String(required=True, validate=validate.OneOf(PROVIDERS))
    nickname = fields.String(required=True, allow_none=True)
    card = fields.Nested(ShownCardSchema, required=True, allow_none=True)
    bankAccount = fields.Nested(ShownBankAccountSchema, required=True, allow_none=True)
    isDefault = fields.Boolean(required=True)
    isVerified = fields.Boolean(required=True)
    lastUsedAt = Timestamp(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)
