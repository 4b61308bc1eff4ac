"""The blueprints that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("content", __name__, url_prefix="/api/content", description="Posts: write, find, like, save")
# The mobile app calls posts so; everything is under both paths.
ALIAS = "/api/posts"
feed = Blueprint("feed", __name__, url_prefix="/api/feed", description="The feeds")
