"""Which stores and applications clients ask for."""

from marshmallow import fields, validate

from mixillo.blueprints.stores.models import DECISIONS, STATUSES, WAITING
from mixillo.blueprints.stores.queries.pages import ORDERS
from mixillo.core.schemas import Limit, PageQuery, QuerySchema, Text

LONGEST_SEARCH = 100
LONGEST_PERIOD = 366


class StoresQuery(PageQuery):
    """Which open stores to list, and in which order."""

    search = Text(max_length=LONGEST_SEARCH, metadata={"description": "The beginning of the name, or the id."})
    isVerified = fields.Boolean()
    isFeatured = fields.Boolean()
    sortBy = fields.String(load_default=ORDERS[0], validate=validate.OneOf(ORDERS))


class AllStoresQuery(PageQuery):
    """Which of all stores to list."""

    limit = Limit(50)
    status = fields.String(validate=validate.OneOf(STATUSES))
    search = Text(max_length=LONGEST_SEARCH, metadata={"description": "The beginning of the name, or the id."})


class ApplicationsQuery(PageQuery):
    """Which applications to list."""

    status = fields.String(load_default=WAITING, validate=validate.OneOf(DECISIONS))


class StatsQuery(QuerySchema):
    """Over how many days to count orders."""

    days = fields.Integer(load_default=30, validate=validate.Range(min=1, max=LONGEST_PERIOD))
