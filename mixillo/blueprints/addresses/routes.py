"""/api/user/addresses: where people have things sent to."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.addresses import queries, services
from mixillo.blueprints.addresses.schemas import AddressChangesSchema, AddressSchema, NewAddressSchema
from mixillo.core.api import Blueprint, Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.security import current_viewer, login_required

blueprint = Blueprint("addresses", __name__, url_prefix="/api/user/addresses", description="One's own addresses")
ADDRESS = fields.Nested(AddressSchema, required=True)
EXAMPLE = {
    "fullName": "Ada Lovelace",
    "phone": "+44 20 7946 0000",
    "addressLine1": "12 St James's Square",
    "city": "London",
    "postalCode": "SW1Y 4JH",
    "country": "GB",
}


@blueprint.get("")
@login_required()
@blueprint.returns(200, addresses=fields.List(fields.Nested(AddressSchema), required=True))
def list_addresses() -> dict[str, Any]:
    """List one's own addresses

    The default first.
    """
    return {"addresses": queries.all_of(current_viewer().id)}


@blueprint.post("")
@login_required()
@idempotent
@blueprint.accepts(NewAddressSchema, example=EXAMPLE)
@blueprint.returns(201, address=ADDRESS)
@blueprint.refuses(409)
def add_address(body: dict[str, Any]) -> Reply:
    """Add an address

    The first one is the default. `name` and `zipCode` may stand for `fullName` and `postalCode`. 409
    `too_many_addresses`. Send an `Idempotency-Key`, so that repeating a lost request does not add it twice.
    """
    address = services.add(current_viewer().id, body, operation_id())
    return Reply({"address": address}, "Address added", location=f"/api/user/addresses/{address['_id']}")


@blueprint.get("/<id:address_id>")
@login_required()
@blueprint.returns(200, address=ADDRESS)
@blueprint.refuses(404)
def show_address(address_id: ObjectId) -> dict[str, Any]:
    """Show one of one's own addresses"""
    return {"address": queries.one(current_viewer().id, address_id)}


@blueprint.put("/<id:address_id>")
@login_required()
@blueprint.accepts(AddressChangesSchema, example={"city": "Ockham", "isDefault": True})
@blueprint.returns(200, address=ADDRESS)
@blueprint.refuses(404)
def change_address(body: dict[str, Any], address_id: ObjectId) -> Reply:
    """Change one of one's own addresses

    What is not sent stays as it is. `isDefault: true` makes it the default in the place of another; `false` changes
    nothing. Orders keep the address they were placed with.
    """
    return Reply({"address": services.change(current_viewer().id, address_id, body)}, "Address updated")


@blueprint.delete("/<id:address_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def remove_address(address_id: ObjectId) -> Reply:
    """Remove one of one's own addresses

    If it was the default, the first of the others is from now on.
    """
    services.remove(current_viewer().id, address_id)
    return Reply({}, "Address removed")
