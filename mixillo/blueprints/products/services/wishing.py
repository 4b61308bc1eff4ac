"""Wishing for products."""

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.products.models import ON_SALE, Product, Wish
from mixillo.blueprints.products.queries.catalogue import ProductNotFound
from mixillo.errors import NotFound


class NotWished(NotFound):
    """The product is not on the wish list."""

    code, title = "not_wished", "The product is not on your wish list"


def add(user_id: ObjectId, product_id: ObjectId) -> bool:
    """Wish for a product; return whether that is new.

    :raises ProductNotFound: there is no such product on sale.
    """
    if not Product.collection().find_one({"_id": product_id} | ON_SALE, {"_id": 1}):
        raise ProductNotFound
    try:
        Wish.collection().insert_one(Wish(userId=user_id, productId=product_id).to_mongo().to_dict())
    except DuplicateKeyError:
        return False
    return True


def remove(user_id: ObjectId, product_id: ObjectId) -> None:
    """Wish for a product no longer.

    :raises NotWished: it is not on the list.
    """
    if not Wish.collection().delete_one({"userId": user_id, "productId": product_id}).deleted_count:
        raise NotWished
