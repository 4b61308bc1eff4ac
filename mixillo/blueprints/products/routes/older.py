"""The paths that clients of the existing system call."""

from mixillo.blueprints.products.routes import browsing, selling
from mixillo.blueprints.products.routes.blueprint import blueprint

for _rule, _view, _method in (
    ("", browsing.list_products, "GET"),
    ("", selling.create_product, "POST"),
    ("/seller/<id:seller_id>/stats", selling.show_seller_stats, "GET"),
    ("/<slug>", browsing.show_product, "GET"),
    ("/<slug>", selling.change_product, "PUT"),
    ("/<slug>", selling.archive_product, "DELETE"),
):
    _successor = f"/api/products{_rule}".replace("<slug>", "{slug}").replace("<id:seller_id>", "{seller_id}")
    blueprint.add_deprecated_alias(f"/mongodb{_rule}", _view, successor=_successor, methods=[_method])
