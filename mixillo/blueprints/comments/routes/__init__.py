"""/api/comments, and the comments below a post at /api/content, which is /api/posts too."""

from mixillo.blueprints.comments.routes import administering, posts, reading, writing
from mixillo.blueprints.comments.routes.blueprint import ALIAS, below_posts, blueprint

__all__ = ["ALIAS", "administering", "below_posts", "blueprint", "posts", "reading", "writing"]
