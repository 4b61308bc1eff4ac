"""What sellers do with their products. What they offer is found by others only after an administrator approved it."""

from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.categories.queries import shelves
from mixillo.blueprints.products.models import (
    ACTIVE,
    ARCHIVED,
    CURRENCY,
    DRAFT,
    ON_SALE,
    PENDING,
    REJECTED,
    SOLD_OUT,
    Product,
)
from mixillo.blueprints.products.queries import offers, shapes
from mixillo.blueprints.products.queries.catalogue import ProductNotFound
from mixillo.core import audit_log, clock, money
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.core.slugs import by_id_or_slug, slugify
from mixillo.errors import Conflict, Forbidden, ValidationFailed

Document = dict[str, Any]
# Sent after the commit, with ``product_ids``; the search listens.
changed = Signal()
# Whoever approved a product has seen these; another text or picture has to be seen again.
APPROVED = ("name", "description", "images", "videoUrl", "category", "subcategory", "tags", "brand", "metaTitle",
            "metaDescription")  # fmt: skip
AMOUNTS = ("price", "compareAtPrice")
PUBLISHED = tuple(ON_SALE["status"]["$in"])


class NoActiveStore(Forbidden):
    """The seller has no store, or it is not open."""

    code, title = "no_active_store", "You need an active store to sell"


class SkuTaken(Conflict):
    """Another product has this number."""

    code, title = "sku_taken", "Another product has this number"


class StockReserved(Conflict):
    """Unpaid orders wait for more than there would be left."""

    code, title = "stock_reserved", "Orders wait for more than that"


class NotToBeSubmitted(Conflict):
    """Only what is a draft, was rejected or is archived can be handed in."""

    code, title = "product_not_submittable", "The product cannot be handed in now"


def create(seller: Viewer, fields: Document, product_id: ObjectId) -> Document:
    """Offer a product and return it; ``isDraft`` keeps it from being handed in for approval.

    ``product_id`` is the same whenever the request is repeated: a repetition returns what the first one made.

    :raises NoActiveStore: the seller has none.
    :raises ValidationFailed: an amount has too many decimals, or there is no such category.
    :raises SkuTaken: another product has the number.
    """
    store = offers.store_of(seller.id)
    if store is None or store.get("status") != ACTIVE:
        raise NoActiveStore
    status = DRAFT if fields.pop("isDraft", False) else PENDING
    product = Product(
        id=product_id,
        storeId=store["_id"],
        sellerId=seller.id,
        status=status,
        slug=f"{slugify(fields['name'])}-{str(product_id)[-6:]}".lstrip("-"),
    )
    document = product.to_mongo().to_dict() | _stored(fields, fields.get("currency", CURRENCY), {})
    try:
        Product.collection().insert_one(document)
    except DuplicateKeyError as error:
        if "_id_" not in str(error):
            raise SkuTaken from None
    changed.send(product_ids=[product_id])
    return offers.one(seller, str(product_id))


def change(viewer: Viewer, text: str, fields: Document) -> Document:
    """Change the product of this id or slug and return it; what is not sent stays as it is.

    What was approved is to be approved again when its texts or pictures change; price and stock are the seller's.

    :raises ProductNotFound: there is none, or it is somebody else's.
    :raises ValidationFailed: an amount has too many decimals, there is no such category, or no such variant.
    :raises SkuTaken: another product has the number.
    :raises StockReserved: unpaid orders wait for what would not be there any more.
    """

    def work(session: ClientSession) -> ObjectId:
        before = find(viewer, text, session)
        after = _stored(fields, fields.get("currency") or before.get("currency") or CURRENCY, before)
        after["status"] = _status(viewer, before, after)
        after |= {"isPublished": may_be_found(before, after["status"]), "updatedAt": clock.now()}
        empty = {name: "" for name, value in after.items() if value is None}
        kept = {name: value for name, value in after.items() if value is not None}
        update = {"$set": kept} | ({"$unset": empty} if empty else {})
        Product.collection().update_one({"_id": before["_id"]}, update, session=session)
        if viewer.is_admin:
            record("product.changed", viewer, before, after, session)
        return before["_id"]

    try:
        product_id = transact(work)
    except DuplicateKeyError:
        raise SkuTaken from None
    changed.send(product_ids=[product_id])
    return offers.one(viewer, str(product_id))


def submit(seller: Viewer, text: str) -> Document:
    """Hand a product in for approval and return it; also fine when it waits already.

    :raises ProductNotFound: there is none of this id or slug, or it is somebody else's.
    :raises NotToBeSubmitted: it was approved.
    """
    where = by_id_or_slug(text) | {"sellerId": seller.id, "status": {"$in": [DRAFT, REJECTED, ARCHIVED, PENDING]}}
    handed_in = {
        "$set": {"status": PENDING, "updatedAt": clock.now()},
        "$unset": {"rejectionReason": "", "rejectedAt": ""},
    }
    if not Product.collection().update_one(where, handed_in).matched_count:
        raise NotToBeSubmitted(f"It is {offers.one(seller, text)['status']}.")
    return offers.one(seller, text)


def archive(viewer: Viewer, text: str) -> None:
    """Take a product off the shelves; it stays for those who bought it.

    :raises ProductNotFound: there is none of this id or slug, or it is somebody else's.
    """

    def work(session: ClientSession) -> ObjectId:
        before = find(viewer, text, session)
        after = {"status": ARCHIVED, "isPublished": False, "isFeatured": False}
        stamped = {"$set": after | {"updatedAt": clock.now()}}
        Product.collection().update_one({"_id": before["_id"]}, stamped, session=session)
        if viewer.is_admin:
            record("product.archived", viewer, before, after, session)
        return before["_id"]

    changed.send(product_ids=[transact(work)])


def find(viewer: Viewer, text: str, session: ClientSession) -> Document:
    """Return the stored product of this id or slug, which must be the viewer's unless they are an administrator.

    :raises ProductNotFound: there is none, or it is somebody else's.
    """
    whose = {} if viewer.is_admin else {"sellerId": viewer.id}
    found: Document | None = Product.collection().find_one(by_id_or_slug(text) | whose, session=session)
    if found is None:
        raise ProductNotFound
    return found


def may_be_found(product: Document, status: str) -> bool:
    """Return whether ``product`` is found once it has ``status``: not while its store is not open."""
    return status in PUBLISHED and not product.get("hiddenWithStore")


def record(action: str, admin: Viewer, before: Document, after: Document, session: ClientSession) -> None:
    """Enter what an administrator did to a product into the audit log."""
    actor = {"kind": "user", "id": str(admin.id), "name": admin.username}
    changes = {"before": {name: before.get(name) for name in after}, "after": after}
    audit_log.record(action, actor=actor, target="products", target_id=before["_id"], changes=changes, session=session)


def _status(viewer: Viewer, before: Document, after: Document) -> str:
    """Return the status after a change: on sale only as it was approved, and sold out while there is nothing left."""
    status: str = before.get("status", DRAFT)
    if status not in PUBLISHED:
        return status
    touched = any(name in after and after[name] != before.get(name) for name in APPROVED)
    if touched and not viewer.is_admin:
        return PENDING
    return ACTIVE if shapes.in_stock(before | after) else SOLD_OUT


def _stored(fields: Document, currency: str, before: Document) -> Document:
    """Return what was sent as it is stored; amounts that are not sent keep theirs.

    :raises ValidationFailed: see above.
    """
    stored = dict(fields)
    for name in AMOUNTS:
        if stored.get(name) is not None:
            stored[name] = _amount(stored[name], currency, name)
    if stored.get("category") and stored["category"] not in shelves().by_id:
        raise ValidationFailed.of("category", "There is no such category.")
    if "variants" in stored:
        stored["variants"] = _variants(stored["variants"], currency, before)
        stored["hasVariants"] = bool(stored["variants"])
    own = [variant.get("stock") for variant in stored.get("variants", before.get("variants")) or []]
    if own and None not in own:  # what is in stock is what there is of each; those without a number share it
        stored["stock"] = sum(own)
    _keep_reserved([before | stored])
    return {name: value for name, value in stored.items() if value is not None or name in before}


def _variants(given: list[Document], currency: str, before: Document) -> list[Document]:
    known = {variant.get("_id"): variant for variant in before.get("variants") or []}
    made = []
    for number, variant in enumerate(given):
        if "_id" in variant and variant["_id"] not in known:
            raise ValidationFailed.of(f"variants.{number}._id", "The product has no such variant; leave it out.")
        price = variant.get("price")
        amount = {} if price is None else {"price": _amount(price, currency, f"variants.{number}.price")}
        promised = known.get(variant.get("_id"), {}).get("reserved")
        kept = {"reserved": promised} if promised else {}
        made.append({"_id": ObjectId(), **{k: v for k, v in variant.items() if v is not None}, **amount, **kept})
    gone = known.keys() - {each["_id"] for each in made}
    _keep_reserved([*made, *({**known[each], "stock": 0} for each in gone)])
    return made


def _keep_reserved(counted: list[Document]) -> None:
    """Let there be no less of a product or a variant than unpaid orders wait for.

    :raises StockReserved: there would be.
    """
    for each in counted:
        if (each.get("stock") or 0) < (each.get("reserved") or 0):
            raise StockReserved(f"Unpaid orders wait for {each['reserved']}; they expire by themselves.")


def _amount(value: Any, currency: str, name: str) -> Any:
    try:
        return money.stored(money.exact_minor(value, currency), currency)
    except ValueError as error:
        raise ValidationFailed.of(name, f"{error}.") from None
