"""Making, changing and removing zones, methods and rates, with an entry in the audit log in the same transaction."""

from decimal import Decimal
from typing import Any

from bson import Decimal128, ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.shipping.models import ShippingMethod, ShippingRate, ShippingZone
from mixillo.blueprints.shipping.queries import catalogue
from mixillo.blueprints.shipping.queries.catalogue import Model, ShippingNotFound
from mixillo.core import audit_log, clock
from mixillo.core.db import database, transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, ValidationFailed

Document = dict[str, Any]
CALLED = {ShippingZone: "shipping_zone", ShippingMethod: "shipping_method", ShippingRate: "shipping_rate"}


class MethodCodeTaken(Conflict):
    """Another method has this code."""

    code, title = "shipping_code_taken", "Another method has this code"


class ZoneInUse(Conflict):
    """Methods or rates name the zone."""

    code, title = "shipping_zone_in_use", "Methods or rates name the zone"


def create(admin: Viewer, model: Model, fields: Document) -> Document:
    """Make a zone, a method or a rate and return it as the API shows it.

    :raises ValidationFailed: it names a zone, a store or a method that is not there, or its times make no sense.
    :raises MethodCodeTaken: another method has its code.
    """
    own: Document = {"rateId": f"rate-{clock.random_token(9)}"} if model is ShippingRate else {}
    document = model(id=ObjectId(), **own, **_stored(fields)).to_mongo().to_dict()

    def work(session: ClientSession) -> None:
        _check(fields, fields, session)
        model.collection().insert_one(document, session=session)
        _audit("created", admin, model, document["_id"], {"after": _stored(fields)}, session)

    _run(work)
    return catalogue.shown(model, document)


def change(admin: Viewer, model: Model, thing_id: ObjectId, fields: Document) -> Document:
    """Change a zone, a method or a rate and return it; what names a zone follows when that is renamed.

    :raises ShippingNotFound: there is none of this id.
    :raises ValidationFailed: see :func:`create`.
    :raises MethodCodeTaken: another method has its code.
    """

    def work(session: ClientSession) -> None:
        before = _find(model, thing_id, session)
        _check(fields, before | fields, session)
        after = _stored(fields)
        update = {"$set": after | {"updatedAt": clock.now()}}
        model.collection().update_one({"_id": thing_id}, update, session=session)
        if model is ShippingZone and fields.get("name", before["name"]) != before["name"]:
            _rename(before["name"], fields["name"], session)
        changes = {"before": {name: before.get(name) for name in fields}, "after": after}
        _audit("changed", admin, model, thing_id, changes, session)

    _run(work)
    return catalogue.one(model, thing_id)


def remove(admin: Viewer, model: Model, thing_id: ObjectId) -> None:
    """Remove a zone, a rate, or a method with its rates; orders keep what they were shipped by.

    :raises ShippingNotFound: there is none of this id.
    :raises ZoneInUse: methods or rates name the zone.
    """

    def work(session: ClientSession) -> None:
        before = _find(model, thing_id, session)
        if model is ShippingZone:
            _check_unused(before["name"], session)
        if model is ShippingMethod:
            ShippingRate.collection().delete_many({"shippingMethodId": thing_id}, session=session)
        model.collection().delete_one({"_id": thing_id}, session=session)
        _audit("removed", admin, model, thing_id, {"before": before}, session)

    transact(work)


def _run(work: Any) -> None:
    try:
        transact(work)
    except DuplicateKeyError:
        raise MethodCodeTaken from None


def _find(model: Model, thing_id: ObjectId, session: ClientSession) -> Document:
    found: Document | None = model.collection().find_one({"_id": thing_id}, session=session)
    if found is None:
        raise ShippingNotFound
    return found


def _check(sent: Document, whole: Document, session: ClientSession) -> None:
    """Check that what is named is there, and that the times make sense.

    :raises ValidationFailed: see :func:`create`.
    """
    zones = sent.get("zonesSupported") or (sent.get("toLocation") or {}).get("zones") or []
    where = {"name": {"$in": zones}}
    known = {each["name"] for each in ShippingZone.collection().find(where, {"name": 1}, session=session)}
    if unknown := set(zones) - known:
        raise ValidationFailed.of("zones", f"There is no zone {min(unknown)}.")
    for name, collection in (("storeId", "stores"), ("shippingMethodId", "shippingmethods")):
        if sent.get(name) and not database()[collection].find_one({"_id": sent[name]}, {"_id": 1}, session=session):
            raise ValidationFailed.of(name, "There is no such thing.")
    if whole.get("validFrom") and whole.get("validTo") and whole["validTo"] <= whole["validFrom"]:
        raise ValidationFailed.of("validTo", "Must be after validFrom.")


def _check_unused(zone: str, session: ClientSession) -> None:
    for model, field in ((ShippingMethod, "zonesSupported"), (ShippingRate, "toLocation.zones")):
        if model.collection().find_one({field: zone}, {"_id": 1}, session=session):
            raise ZoneInUse("Take it out of them first.")


def _rename(before: str, after: str, session: ClientSession) -> None:
    for model, field in ((ShippingMethod, "zonesSupported"), (ShippingRate, "toLocation.zones")):
        model.collection().update_many({field: before}, {"$set": {f"{field}.$": after}}, session=session)


def _stored(value: Any) -> Any:
    """Return what was sent as it is stored."""
    if isinstance(value, dict):
        return {name: _stored(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_stored(each) for each in value]
    return Decimal128(value) if isinstance(value, Decimal) else value


def _audit(
    verb: str, admin: Viewer, model: Model, thing_id: ObjectId, changes: Document, session: ClientSession
) -> None:
    actor = {"kind": "user", "id": str(admin.id), "name": admin.username}
    target = model.collection().name
    audit_log.record(
        f"{CALLED[model]}.{verb}", actor=actor, target=target, target_id=thing_id, changes=changes, session=session
    )
