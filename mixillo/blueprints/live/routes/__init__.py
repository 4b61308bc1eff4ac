"""/api/live, /api/livestreams."""

from mixillo.blueprints.live.routes import (
    administering,
    browsing,
    callbacks,
    hosting,
    moderating,
    showing,
    taking_part,
    winding_up,
)
from mixillo.blueprints.live.routes.blueprint import ALIAS, administration, blueprint

__all__ = [
    "ALIAS", "administering", "administration", "blueprint", "browsing", "callbacks", "hosting", "moderating",
    "showing", "taking_part", "winding_up",
]  # fmt: skip
