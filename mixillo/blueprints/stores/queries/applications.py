"""Applications: one's own latest, and all of them for administrators."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.stores.models import NEWEST, SellerApplication
from mixillo.blueprints.stores.queries import shapes
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

Document = dict[str, Any]


class ApplicationNotFound(NotFound):
    """There is no such application."""

    code, title = "application_not_found", "There is no such application"


def latest_of(user_id: ObjectId) -> Document:
    """Return somebody's own latest application.

    :raises ApplicationNotFound: they never applied.
    """
    found = SellerApplication.collection().find_one({"userId": user_id}, sort=NEWEST)
    if found is None:
        raise ApplicationNotFound
    return shapes.applications([found])[0]


def everybody(query: Document) -> tuple[list[Document], Document]:
    """Return a page of the applications of a ``status``, those that have waited longest first, and ``pagination``."""
    found, pagination = paginate(
        SellerApplication.collection(), {"status": query["status"]}, query, sort=[("createdAt", 1), ("_id", 1)]
    )
    return shapes.applications(found, notes=True), pagination


def one(application_id: ObjectId) -> Document:
    """Return an application to administrators.

    :raises ApplicationNotFound: there is none of this id.
    """
    found = SellerApplication.collection().find_one({"_id": application_id})
    if found is None:
        raise ApplicationNotFound
    return shapes.applications([found], notes=True)[0]
