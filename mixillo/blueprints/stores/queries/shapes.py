"""A store and an application as the API shows them."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.stores.models import ACTIVE, BUSINESS_TYPES, WAITING
from mixillo.blueprints.users.queries import people

Document = dict[str, Any]
LINKS, POLICIES = ("instagram", "facebook", "twitter"), ("returns", "shipping", "privacy", "terms")
ADDRESS = ("street", "city", "state", "postalCode", "country")
# Projections and defaults in one: documents of the existing database lack fields that were added later.
CARD: Document = {
    "sellerId": None,
    "name": "",
    "description": None,
    "tagline": None,
    "logo": None,
    "banner": None,
    "isVerified": False,
    "isFeatured": False,
    "productsCount": 0,
    "totalSales": 0,
    "rating": 0,
    "reviewsCount": 0,
    "followersCount": 0,
    "createdAt": None,
}
PAGE: Document = CARD | {"website": None}
# Nobody's business but the seller's and the administrators'.
PRIVATE: Document = {
    "email": None,
    "phone": None,
    "businessType": BUSINESS_TYPES[0],
    "taxId": None,
    "businessLicense": None,
    "status": ACTIVE,
    "verifiedAt": None,
    "approvedBy": None,
    "approvedAt": None,
    "rejectionReason": None,
    "updatedAt": None,
}
OBJECTS = ("address", "socialLinks", "policies")
CARD_FIELDS = [*CARD, "slug", "address.city", "address.country"]
PAGE_FIELDS = [*CARD_FIELDS, *PAGE, "socialLinks", "policies"]
OWN_FIELDS = [*PAGE, *PRIVATE, *OBJECTS, "slug"]
APPLICATION: Document = {
    "userId": None,
    "businessName": "",
    "businessType": BUSINESS_TYPES[0],
    "description": None,
    "contactEmail": None,
    "contactPhone": None,
    "taxId": None,
    "businessLicense": None,
    "documents": [],
    "status": WAITING,
    "reviewedBy": None,
    "reviewedAt": None,
    "rejectionReason": None,
    "storeId": None,
    "createdAt": None,
    "updatedAt": None,
}
# What administrators note for each other.
NOTES: Document = {"reviewNotes": None}


def cards(stores: list[Document]) -> list[Document]:
    """Return stored ``stores`` as lists show them."""
    return _joined(stores, CARD)


def page(store: Document) -> Document:
    """Return a stored ``store`` as its page shows it."""
    (shown,) = _joined([store], PAGE)
    return shown | _objects(store, ("socialLinks", "policies"))


def own(stores: list[Document]) -> list[Document]:
    """Return stored ``stores`` as their sellers and administrators see them."""
    return [
        shown | _objects(store, OBJECTS) for shown, store in zip(_joined(stores, PAGE | PRIVATE), stores, strict=True)
    ]


def applications(found: list[Document], *, notes: bool = False) -> list[Document]:
    """Return stored applications with their applicants; ``notes`` are for administrators."""
    applicants = people.summaries([each["userId"] for each in found])
    fields = APPLICATION | (NOTES if notes else {})
    return [
        {
            "_id": each["_id"],
            "id": each["_id"],
            **{name: each.get(name, default) for name, default in fields.items()},
            "address": _part(each.get("address"), ADDRESS),
            "user": applicants.get(each["userId"]),
        }
        for each in found
    ]


def _joined(stores: list[Document], fields: Document) -> list[Document]:
    sellers = people.summaries(list({store["sellerId"] for store in stores if store.get("sellerId")}))
    return [_shown(store, fields, sellers) for store in stores]


def _shown(store: Document, fields: Document, sellers: dict[ObjectId, Document]) -> Document:
    shown = {name: store.get(name, default) for name, default in fields.items()}
    slug: str = store.get("slug") or str(store["_id"])
    seller_id: Any = shown["sellerId"]
    address = store.get("address") or {}
    return shown | {
        "_id": store["_id"],
        "id": store["_id"],
        "slug": slug,
        "storeUrl": f"/store/{slug}",
        "rating": round(shown["rating"] or 0, 1),
        "city": address.get("city"),
        "country": address.get("country"),
        "seller": sellers.get(seller_id),
    }


def _objects(store: Document, names: tuple[str, ...]) -> Document:
    members = {"address": ADDRESS, "socialLinks": LINKS, "policies": POLICIES}
    return {name: _part(store.get(name), members[name]) for name in names}


def _part(stored: Document | None, names: tuple[str, ...]) -> Document:
    return {name: (stored or {}).get(name) for name in names}
