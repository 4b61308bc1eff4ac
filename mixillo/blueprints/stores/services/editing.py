"""What sellers say of their stores."""

from typing import Any

from pymongo.client_session import ClientSession

from mixillo.blueprints.stores.models import Store
from mixillo.blueprints.stores.queries import pages, shapes
from mixillo.blueprints.stores.queries.pages import StoreNotFound
from mixillo.blueprints.stores.services.deciding import record
from mixillo.core import clock
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.core.slugs import by_id_or_slug

Document = dict[str, Any]


def change(viewer: Viewer, text: str, fields: Document) -> Document:
    """Change the store of this id or slug and return it; what is not sent stays as it is, ``None`` clears.

    A pipeline, because ``$set: {"address.city": …}`` fails where an old document has ``null``; ``$literal``, because in
    a pipeline text that starts with a dollar sign would be an expression.

    :raises StoreNotFound: there is none, or it is somebody else's.
    """
    whose = {} if viewer.is_admin else {"sellerId": viewer.id}
    assigned = {name: _expression(name, value) for name, value in fields.items()}

    def work(session: ClientSession) -> Document:
        update = [{"$set": assigned | {"updatedAt": clock.now()}}]
        before = Store.collection().find_one_and_update(by_id_or_slug(text) | whose, update, session=session)
        if before is None:
            raise StoreNotFound
        if viewer.is_admin and before["sellerId"] != viewer.id:
            changes = {"before": {name: before.get(name) for name in fields}, "after": fields}
            record("store.changed", viewer, "stores", before["_id"], changes, session)
        return before

    return pages.managed(viewer, str(transact(work)["_id"]))


def _expression(name: str, value: Any) -> Document:
    if name in shapes.OBJECTS:
        return {"$mergeObjects": [f"${name}", {"$literal": value}]}
    return {"$literal": value}
