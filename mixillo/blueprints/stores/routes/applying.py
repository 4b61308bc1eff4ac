"""Applying to sell."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.stores.queries import applications
from mixillo.blueprints.stores.routes.blueprint import blueprint
from mixillo.blueprints.stores.schemas.given import ApplySchema
from mixillo.blueprints.stores.schemas.shown import ApplicationSchema
from mixillo.blueprints.stores.services import applying
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import current_viewer, login_required

APPLICATION = fields.Nested(ApplicationSchema, required=True)
MOST_APPLICATIONS = "20/hour"
EXAMPLE = {
    "businessName": "Linen and Clay",
    "businessType": "individual",
    "description": "Textiles and stoneware from a small studio.",
    "contactPhone": "+31 30 123 4567",
    "address": {"street": "Oudegracht 1", "city": "Utrecht", "postalCode": "3511", "country": "NL"},
    "taxId": "NL001234567B01",
    "documents": ["https://cdn.example.com/registration.pdf"],
}


@blueprint.post("/apply")
@login_required("user", "seller")
@rate_limited("apply", MOST_APPLICATIONS)
@idempotent
@blueprint.accepts(ApplySchema, example=EXAMPLE)
@blueprint.returns(201, application=APPLICATION)
@blueprint.refuses(409)
def apply(body: dict[str, Any]) -> Reply:
    """Apply to sell

    One application at a time: 409 `application_open` while one waits, `already_seller` with a store. Whoever was turned
    down may apply again. Without a `contactEmail` it is that of the account. Send an `Idempotency-Key`, so that
    repeating a lost request is no second application.
    """
    application = applying.apply(current_viewer().id, body, operation_id())
    return Reply({"application": application}, "Application received", location="/api/stores/apply")


@blueprint.get("/apply")
@login_required()
@blueprint.returns(200, application=APPLICATION)
@blueprint.refuses(404)
def show_own_application() -> dict[str, Any]:
    """Show one's own latest application

    With the decision, and why. 404 for those who never applied.
    """
    return {"application": applications.latest_of(current_viewer().id)}
