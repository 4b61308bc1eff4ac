"""What sellers see of their stores and say of them."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.stores.queries import pages
from mixillo.blueprints.stores.queries.stats import stats
from mixillo.blueprints.stores.routes.blueprint import blueprint
from mixillo.blueprints.stores.schemas.asked import StatsQuery
from mixillo.blueprints.stores.schemas.given import StoreChangesSchema
from mixillo.blueprints.stores.schemas.shown import OwnStoreSchema, StatsSchema
from mixillo.blueprints.stores.services import editing
from mixillo.core.api import Reply
from mixillo.core.security import ADMINS, current_viewer, login_required

SELLERS = ("seller", *ADMINS)
OWN = fields.Nested(OwnStoreSchema, required=True)


@blueprint.get("/mine")
@login_required("seller")
@blueprint.returns(200, store=OWN)
@blueprint.refuses(404)
def show_own_store() -> dict[str, Any]:
    """Show one's own store

    Whatever its status.
    """
    return {"store": pages.of_seller(current_viewer().id)}


@blueprint.put("/<slug>")
@login_required(*SELLERS)
@blueprint.accepts(StoreChangesSchema, example={"tagline": "Made to be used", "policies": {"returns": "30 days"}})
@blueprint.returns(200, store=OWN)
@blueprint.refuses(404)
def change_store(body: dict[str, Any], slug: str) -> Reply:
    """Change a store

    By its slug or its id; its seller, or an administrator. What is not sent stays as it is, inside `address`,
    `socialLinks` and `policies` too; the slug stays when the name changes.
    """
    return Reply({"store": editing.change(current_viewer(), slug, body)}, "Store updated")


@blueprint.get("/<slug>/stats")
@login_required(*SELLERS)
@blueprint.takes(StatsQuery)
@blueprint.returns(200, stats=fields.Nested(StatsSchema, required=True))
@blueprint.refuses(404)
def show_store_stats(query: dict[str, Any], slug: str) -> dict[str, Any]:
    """Show how a store does

    To its seller and to administrators. Orders are those of the last `days` that brought something of it; `revenue` is
    what was paid for its goods alone, in `currency`, the one with most.
    """
    return {"stats": stats(current_viewer(), slug, query["days"])}
