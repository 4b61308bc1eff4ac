"""Changing categories, with an entry in the audit log in the same transaction."""

from itertools import count
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.categories.models import Category
from mixillo.blueprints.categories.queries import CategoryNotFound, shaped, view
from mixillo.core import audit_log, clock
from mixillo.core.db import database, transact
from mixillo.core.kept import keeper
from mixillo.core.security import Viewer
from mixillo.core.slugs import by_id_or_slug, slugify
from mixillo.errors import Conflict, ValidationFailed

Document = dict[str, Any]
# Parts of addresses below /api/categories that are no slugs.
RESERVED = ("mongodb", "tree")
ATTEMPTS = 5


class CategoryInUse(Conflict):
    """Products or other categories are in it."""

    code, title = "category_in_use", "The category is not empty"


def create(admin: Viewer, fields: Document) -> Document:
    """Add a category and return it as the API shows it; its slug is that of its name, with a number if need be.

    :raises ValidationFailed: there is no such parent.
    """
    category = Category(id=ObjectId(), slug="-", **fields).to_mongo().to_dict()

    def work(session: ClientSession) -> None:
        _check_parent(category["_id"], fields, session)
        category["slug"] = free_slug(fields["name"], session)
        Category.collection().insert_one(category, session=session)
        _audit("category.created", admin, category["_id"], {"after": fields}, session)

    _transact_with_slug(work)
    return _shown(category)


def change(admin: Viewer, text: str, fields: Document) -> Document:
    """Change the category of this id or slug and return it; addresses that are known stay, so the slug does too.

    :raises CategoryNotFound: there is none.
    :raises ValidationFailed: its parent would be itself, below itself, or nothing.
    """

    def work(session: ClientSession) -> Document:
        before = _find(text, session)
        _check_parent(before["_id"], fields, session)
        changed = fields | {"updatedAt": clock.now()}
        Category.collection().update_one({"_id": before["_id"]}, {"$set": changed}, session=session)
        changes = {"before": {name: before.get(name) for name in fields}, "after": fields}
        _audit("category.changed", admin, before["_id"], changes, session)
        return before | changed

    return _shown(transact(work))


def remove(admin: Viewer, text: str) -> None:
    """Remove the category of this id or slug.

    :raises CategoryNotFound: there is none.
    :raises CategoryInUse: products, of whatever status, or categories are in it.
    """

    def work(session: ClientSession) -> None:
        before = _find(text, session)
        for collection, name, what in (("products", "category", "products"), ("categories", "parentId", "categories")):
            if database()[collection].find_one({name: before["_id"]}, {"_id": 1}, session=session):
                raise CategoryInUse(f"There are {what} in {before['name']}; move them first.")
        Category.collection().delete_one({"_id": before["_id"]}, session=session)
        _audit("category.removed", admin, before["_id"], {"before": shaped(before)}, session)

    transact(work)
    keeper().forget()


def free_slug(name: str, session: ClientSession) -> str:
    """Return the slug of ``name`` that no category has, within a transaction."""
    base = slugify(name) or "category"
    for number in count(1):
        slug = base if number == 1 else f"{base}-{number}"
        if slug not in RESERVED and not Category.collection().find_one({"slug": slug}, {"_id": 1}, session=session):
            return slug
    raise AssertionError("numbers do not end")


def _transact_with_slug(work: Any) -> None:
    """Run ``work`` again when somebody else took the slug in between."""
    for attempt in range(ATTEMPTS):
        try:
            transact(work)
            return
        except DuplicateKeyError:
            if attempt == ATTEMPTS - 1:
                raise


def _find(text: str, session: ClientSession) -> Document:
    found: Document | None = Category.collection().find_one(by_id_or_slug(text), session=session)
    if found is None:
        raise CategoryNotFound
    return found


def _check_parent(category_id: ObjectId, fields: Document, session: ClientSession) -> None:
    """Refuse a parent that is not there or would close a circle."""
    above = fields.get("parentId")
    while above is not None:
        parent = Category.collection().find_one({"_id": above}, {"parentId": 1}, session=session)
        if parent is None and above == fields["parentId"]:
            raise ValidationFailed.of("parentId", "There is no such category.")
        if above == category_id:
            raise ValidationFailed.of("parentId", "A category cannot be below itself.")
        above = (parent or {}).get("parentId")


def _shown(category: Document) -> Document:
    keeper().forget()
    return view(shaped(category))


def _audit(action: str, admin: Viewer, category_id: ObjectId, changes: Document, session: ClientSession) -> None:
    actor = {"kind": "user", "id": str(admin.id), "name": admin.username}
    audit_log.record(action, actor=actor, target="categories", target_id=category_id, changes=changes, session=session)
