"""Invoices, to print."""

from bson import ObjectId
from flask import Response, make_response, render_template

from mixillo.blueprints.orders.queries import invoices
from mixillo.blueprints.orders.routes.blueprint import blueprint
from mixillo.core.security import current_viewer, login_required

PAGE = {"200": {"description": "The invoice", "content": {"text/html": {"schema": {"type": "string"}}}}}


@blueprint.get("/<id:order_id>/invoice")
@login_required()
@blueprint.doc(responses=PAGE)
@blueprint.refuses(404)
def show_invoice(order_id: ObjectId) -> Response:
    """Print the invoice of an order

    A page of HTML for its buyer and administrators; a seller gets that of their part.
    """
    response = make_response(render_template("orders/invoice.html", **invoices.of(current_viewer(), order_id)))
    response.headers["Cache-Control"] = "no-store"
    return response
