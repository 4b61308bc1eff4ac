"""/api/categories: the shelves of the shop."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.categories import queries, services
from mixillo.blueprints.categories.schemas import (
    ActiveQuery,
    BranchSchema,
    CategoriesQuery,
    CategoryChangesSchema,
    CategorySchema,
    NewCategorySchema,
)
from mixillo.core.api import Blueprint, Reply, revalidated
from mixillo.core.security import ADMINS, current_viewer, login_required, public

blueprint = Blueprint("categories", __name__, url_prefix="/api/categories", description="The shelves of the shop")
CATEGORY = {"name": "Ceramics", "description": "Thrown and glazed by hand", "color": "#795548", "sortOrder": 20}


@blueprint.get("")
@public
@revalidated
@blueprint.takes(CategoriesQuery)
@blueprint.returns(200, categories=fields.List(fields.Nested(CategorySchema), required=True))
def list_categories(query: dict[str, Any]) -> dict[str, Any]:
    """List the categories

    In their order. `productsCount` counts what is on sale in a category and below it; it may be half a minute old.
    """
    return {"categories": queries.listed(query)}


@blueprint.get("/tree")
@public
@revalidated
@blueprint.takes(ActiveQuery)
@blueprint.returns(200, categories=fields.List(fields.Nested(BranchSchema), required=True))
def show_tree(query: dict[str, Any]) -> dict[str, Any]:
    """Show the categories as a tree

    Those at the top, each with its `children`; with `activeOnly` a branch that is switched off is left out whole.
    """
    return {"categories": queries.tree(active_only=query["activeOnly"])}


@blueprint.get("/<slug>")
@public
@revalidated
@blueprint.returns(200, category=fields.Nested(CategorySchema, required=True))
@blueprint.refuses(404)
def show_category(slug: str) -> dict[str, Any]:
    """Show a category

    By its slug or its id.
    """
    return {"category": queries.one(slug)}


@blueprint.post("")
@login_required(*ADMINS)
@blueprint.accepts(NewCategorySchema, example=CATEGORY)
@blueprint.returns(201, category=fields.Nested(CategorySchema, required=True))
def create_category(body: dict[str, Any]) -> Reply:
    """Add a category

    Its slug is made from its name, and is unique.
    """
    category = services.create(current_viewer(), body)
    return Reply({"category": category}, "Category created", location=f"/api/categories/{category['slug']}")


@blueprint.put("/<slug>")
@login_required(*ADMINS)
@blueprint.accepts(CategoryChangesSchema, example={"description": "From small kilns", "isFeatured": True})
@blueprint.returns(200, category=fields.Nested(CategorySchema, required=True))
@blueprint.refuses(404)
def change_category(body: dict[str, Any], slug: str) -> Reply:
    """Change a category

    By its slug or its id. What is not sent stays as it is; the slug stays too, whatever the name.
    """
    return Reply({"category": services.change(current_viewer(), slug, body)}, "Category updated")


@blueprint.delete("/<slug>")
@login_required(*ADMINS)
@blueprint.returns(200)
@blueprint.refuses(404, 409)
def remove_category(slug: str) -> Reply:
    """Remove a category

    By its slug or its id. 409 `category_in_use` while products or categories are in it.
    """
    services.remove(current_viewer(), slug)
    return Reply({}, "Category removed")


# The paths that clients of the existing system call.
for _rule, _view, _method in (
    ("", list_categories, "GET"),
    ("/<slug>", show_category, "GET"),
    ("", create_category, "POST"),
    ("/<slug>", change_category, "PUT"),
    ("/<slug>", remove_category, "DELETE"),
):
    _successor = f"/api/categories{_rule}".replace("<slug>", "{slug}")
    blueprint.add_deprecated_alias(f"/mongodb{_rule}", _view, successor=_successor, methods=[_method])
