"""/api/reports and /api/moderation, and what of it is below posts, comments and /api/admin."""

from mixillo.blueprints.moderation.routes import accounting, deciding, reporting
from mixillo.blueprints.moderation.routes.blueprint import (
    ALIAS,
    accounts,
    below_comments,
    below_posts,
    blueprint,
    reports,
)

__all__ = [
    "ALIAS",
    "accounting",
    "accounts",
    "below_comments",
    "below_posts",
    "blueprint",
    "deciding",
    "reporting",
    "reports",
]
