"""A status in the cell of a table: icon, word and colour, as the templates show it."""

from flask import get_template_attribute


def status(look: str, word: str) -> str:
    """Return the markup of a status; ``look`` is ``ok``, ``degraded``, ``down`` or ``neutral``."""
    markup: str = get_template_attribute("dashboard/macros.html", "status")(look, word)
    return markup
