"""The paths of the oldest client, which names items right below the cart."""

from mixillo.blueprints.cart.routes import items
from mixillo.blueprints.cart.routes.blueprint import blueprint

for _view, _method in ((items.set_quantity, "PUT"), (items.remove_item, "DELETE")):
    blueprint.add_deprecated_alias("/<id:item_id>", _view, successor="/api/cart/items/{item_id}", methods=[_method])
