"""Categories, with the stored field names of the existing collection."""

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref


class Category(BaseDocument):
    """A shelf; those without ``parentId`` stand at the top.

    The stored ``productsCount`` is the existing system's and is not believed: see `queries.shelves`.
    """

    meta = {"collection": "categories"}

    name = StringField(required=True)
    slug = StringField(required=True)
    description = StringField()
    parentId = Ref("categories", policy="nullify")
    icon = StringField()
    image = StringField()
    color = StringField()
    sortOrder = IntField(default=0)
    isActive = BooleanField(default=True)
    isFeatured = BooleanField(default=False)
    productsCount = IntField(default=0)
    metaTitle = StringField()
    metaDescription = StringField()
    updatedAt = DateTimeField(default=clock.now)
