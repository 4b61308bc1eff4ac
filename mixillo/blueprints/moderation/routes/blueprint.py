"""The blueprints that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint(
    "moderation", __name__, url_prefix="/api/moderation", description="What was reported, and strikes"
)
# In the document all of it stands among moderation.
TAGS = [blueprint.name]
reports = Blueprint("reports", __name__, url_prefix="/api/reports", description="Report what is wrong")
# What is below posts, comments and people, which stand below this feature.
below_posts = Blueprint("content-reports", __name__, url_prefix="/api/content", description="Report a post")
ALIAS = "/api/posts"
below_comments = Blueprint("comment-reports", __name__, url_prefix="/api/comments", description="Report a comment")
accounts = Blueprint("accounts", __name__, url_prefix="/api/admin", description="How people stand")
