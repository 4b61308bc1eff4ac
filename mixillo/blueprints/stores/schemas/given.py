"""What clients send about stores and applications."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from mixillo.blueprints.stores.models import BUSINESS_TYPES
from mixillo.blueprints.stores.services.closing import DECISIONS
from mixillo.blueprints.users.schemas import Email, PhoneNumber, web_address_or_handle
from mixillo.core.schemas import BaseSchema, Text, web_address

MOST_DOCUMENTS = 10


def _address(**keywords: Any) -> Text:
    return Text(max_length=1_000, validators=[web_address], **keywords)


def _handle() -> Text:
    return Text(max_length=200, validators=[web_address_or_handle], allow_none=True)


def _boolean() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False})


class GivenAddressSchema(BaseSchema):
    """Where a business is; ``null`` clears."""

    street = Text(max_length=200, allow_none=True)
    city = Text(max_length=100, allow_none=True)
    state = Text(max_length=100, allow_none=True)
    postalCode = Text(max_length=20, allow_none=True)
    country = Text(max_length=60, allow_none=True, metadata={"example": "NL"})


class GivenLinksSchema(BaseSchema):
    """Where else a store is to be found: web addresses or names."""

    instagram = _handle()
    facebook = _handle()
    twitter = _handle()


class GivenPoliciesSchema(BaseSchema):
    """What a store promises."""

    returns = Text(max_length=5_000, allow_none=True)
    shipping = Text(max_length=5_000, allow_none=True)
    privacy = Text(max_length=5_000, allow_none=True)
    terms = Text(max_length=5_000, allow_none=True)


class ApplySchema(BaseSchema):
    """Who would like to sell what, as which business, and what proves it."""

    businessName = Text(required=True, min_length=2, max_length=100)
    businessType = fields.String(required=True, validate=validate.OneOf(BUSINESS_TYPES))
    description = Text(max_length=5_000)
    contactEmail = Email()
    contactPhone = PhoneNumber()
    address = fields.Nested(GivenAddressSchema)
    taxId = Text(max_length=50)
    businessLicense = Text(max_length=100)
    documents = fields.List(
        _address(required=True),
        validate=validate.Length(max=MOST_DOCUMENTS),
        metadata={"description": "Web addresses of what proves the business."},
    )


class RejectionSchema(BaseSchema):
    """Why an applicant is turned down; ``notes`` are for administrators only."""

    reason = Text(required=True, min_length=1, max_length=1_000)
    notes = Text(max_length=2_000)


class StoreChangesSchema(BaseSchema):
    """What sellers may say of their stores; objects are merged, ``null`` clears.

    Status, verification, rating and counts are nobody's to send; what was reviewed of the business stays as it was.
    """

    name = Text(min_length=2, max_length=100)
    description = Text(max_length=5_000, allow_none=True)
    tagline = Text(max_length=200, allow_none=True)
    logo = _address(allow_none=True)
    banner = _address(allow_none=True)
    email = Email(allow_none=True)
    phone = PhoneNumber(allow_none=True)
    website = _address(allow_none=True)
    address = fields.Nested(GivenAddressSchema)
    socialLinks = fields.Nested(GivenLinksSchema)
    policies = fields.Nested(GivenPoliciesSchema)


class StoreStatusSchema(BaseSchema):
    """What an administrator decides about a store."""

    status = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    reason = Text(max_length=1_000, load_default=None, allow_none=True, metadata={"description": "Unless it opens."})


class FlagsSchema(BaseSchema):
    """What an administrator says of a store."""

    isVerified = _boolean()
    isFeatured = _boolean()

    @post_load
    def something(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data``, which must hold something.

        :raises ValidationError: it does not.
        """
        if not data:
            raise ValidationError("Missing data for required field.", "isVerified")
        return data
