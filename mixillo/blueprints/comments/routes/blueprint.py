"""The blueprints that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("comments", __name__, url_prefix="/api/comments", description="Comments: read, write, like, pin")
# What is below a post, which stands below this feature; in the document it stands among the comments.
TAGS = [blueprint.name]
below_posts = Blueprint("content-comments", __name__, url_prefix="/api/content", description="Comments on a post")
ALIAS = "/api/posts"
