"""Shapes of categories, in and out."""

from typing import Any

from bson import ObjectId
from marshmallow import fields, post_load, validate

from mixillo.core.schemas import BaseSchema, Id, QuerySchema, Text, Timestamp, web_address

COLOUR = r"^#[0-9a-fA-F]{6}$"


class CategoryChangesSchema(BaseSchema):
    """What administrators may change about a category; ``null`` clears."""

    name = Text(min_length=1, max_length=100)
    description = Text(max_length=2_000, allow_none=True)
    parentId = Id(allow_none=True, metadata={"description": "The category above; `null` for none."})
    icon = Text(max_length=500, allow_none=True)
    image = Text(max_length=500, validators=[web_address], allow_none=True)
    color = fields.String(validate=validate.Regexp(COLOUR), allow_none=True, metadata={"example": "#795548"})
    sortOrder = fields.Integer(strict=True, validate=validate.Range(min=0, max=1_000_000))
    isActive = fields.Boolean(truthy={True}, falsy={False})
    isFeatured = fields.Boolean(truthy={True}, falsy={False})
    metaTitle = Text(max_length=200, allow_none=True)
    metaDescription = Text(max_length=500, allow_none=True)

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return data | ({"parentId": ObjectId(data["parentId"])} if data.get("parentId") else {})


class NewCategorySchema(CategoryChangesSchema):
    """A new category; its slug is made from its name."""

    name = Text(required=True, min_length=1, max_length=100)


class ActiveQuery(QuerySchema):
    """Whether to leave out what is switched off."""

    activeOnly = fields.Boolean(load_default=False)


class CategoriesQuery(ActiveQuery):
    """Which categories to list."""

    parentId = Id(metadata={"description": "Only those directly below this one."})

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return data | ({"parentId": ObjectId(data["parentId"])} if "parentId" in data else {})


class CategorySchema(BaseSchema):
    """A category; ``productsCount`` is what is on sale in it and below it."""

    _id = Id(required=True)
    id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "Home & Living"})
    slug = fields.String(required=True, metadata={"example": "home-and-living"})
    description = fields.String(required=True, allow_none=True)
    parentId = Id(required=True, allow_none=True)
    icon = fields.String(required=True, allow_none=True)
    image = fields.String(required=True, allow_none=True)
    color = fields.String(required=True, allow_none=True)
    sortOrder = fields.Integer(required=True)
    isActive = fields.Boolean(required=True)
    isFeatured = fields.Boolean(required=True)
    productsCount = fields.Integer(required=True, metadata={"example": 12})
    metaTitle = fields.String(required=True, allow_none=True)
    metaDescription = fields.String(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class BranchSchema(CategorySchema):
    """A category with those below it."""

    children = fields.List(fields.Nested(lambda: BranchSchema()), required=True)


class CategorySummary(BaseSchema):
    """The short form in which a category stands beside a thing."""

    _id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "Home & Living"})
    slug = fields.String(required=True, metadata={"example": "home-and-living"})
