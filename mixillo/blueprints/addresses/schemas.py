"""Shapes of addresses, in and out."""

from typing import Any

from flask import current_app
from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from mixillo.blueprints.users.schemas import PhoneNumber
from mixillo.core.schemas import BaseSchema, Id, Text, Timestamp

# The mobile app's names.
OTHER_NAMES = {"name": "fullName", "zipCode": "postalCode"}


class Country(fields.String):
    """The two letters of a country, stored in capitals."""

    def __init__(self, **keywords: Any) -> None:
        rule = validate.Regexp(r"^[A-Za-z]{2}$(?!\n)", error="Must be the two letters of a country, such as DE.")
        super().__init__(validate=rule, **keywords)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> str:
        return super()._deserialize(value, attr, data, **keywords).upper()


class AddressChangesSchema(BaseSchema):
    """What to change about an address; ``null`` clears. ``name`` is ``fullName``, ``zipCode`` is ``postalCode``."""

    fullName = Text(min_length=1, max_length=100)
    name = Text(min_length=1, max_length=100, metadata={"description": "The same as `fullName`."})
    phone = PhoneNumber()
    addressLine1 = Text(min_length=1, max_length=200)
    addressLine2 = Text(max_length=200, allow_none=True)
    city = Text(min_length=1, max_length=100)
    state = Text(max_length=100, allow_none=True)
    postalCode = Text(min_length=1, max_length=20)
    zipCode = Text(min_length=1, max_length=20, metadata={"description": "The same as `postalCode`."})
    country = Country(metadata={"example": "DE"})
    isDefault = fields.Boolean(truthy={True}, falsy={False})

    @post_load
    def under_one_name(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` under the stored names."""
        return {OTHER_NAMES.get(name, name): value for name, value in data.items()}

    @validates_schema(skip_on_field_errors=False)
    def refuse_two_names(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Refuse the same thing under both its names.

        :raises ValidationError: naming the other name.
        """
        for other, name in OTHER_NAMES.items():
            if other in data and name in data:
                raise ValidationError(f"Send it as {name} or as {other}, not both.", other)


class NewAddressSchema(AddressChangesSchema):
    """An address to add; without a ``country`` it is in that of the installation, as the mobile app means it."""

    phone = PhoneNumber(required=True)
    addressLine1 = Text(required=True, min_length=1, max_length=200)
    city = Text(required=True, min_length=1, max_length=100)

    @validates_schema(skip_on_field_errors=False)
    def require_names(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Require what may have either of two names.

        :raises ValidationError: naming each that is missing.
        """
        missing = [name for other, name in OTHER_NAMES.items() if other not in data and name not in data]
        if missing:
            raise ValidationError({name: ["Missing data for required field."] for name in missing})

    @post_load
    def in_a_country(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with a country."""
        return {"country": current_app.config["SETTINGS"].home_country} | data


class AddressSchema(BaseSchema):
    """An address."""

    _id = Id(required=True)
    id = Id(required=True)
    fullName = fields.String(required=True, metadata={"example": "Ada Lovelace"})
    name = fields.String(required=True, metadata={"example": "Ada Lovelace"})
    phone = fields.String(required=True, allow_none=True)
    addressLine1 = fields.String(required=True)
    addressLine2 = fields.String(required=True, allow_none=True)
    city = fields.String(required=True)
    state = fields.String(required=True, allow_none=True)
    postalCode = fields.String(required=True)
    zipCode = fields.String(required=True)
    country = fields.String(required=True, metadata={"example": "DE"})
    isDefault = fields.Boolean(required=True)
    createdAt = Timestamp(required=True)
    updatedAt = Timestamp(required=True)
