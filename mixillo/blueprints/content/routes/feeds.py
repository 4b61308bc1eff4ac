"""The feeds: /api/feed, and where else clients look for them."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.content.queries import browsing, feeding, trending
from mixillo.blueprints.content.routes.blueprint import blueprint, feed
from mixillo.blueprints.content.routes.browsing import CONTENTS, PAGINATION
from mixillo.blueprints.content.schemas.asked import FeedQuery, TrendingQuery
from mixillo.blueprints.content.services import showing
from mixillo.core.schemas import PageQuery, Timestamp
from mixillo.core.security import current_viewer, login_required, optional_login, viewer
from mixillo.errors import Unauthorized

RECKONED = Timestamp(required=True, allow_none=True, metadata={"description": "When it was reckoned."})


def _feed(query: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    who = viewer()
    if query.get("following"):
        if who is None:
            raise Unauthorized("Sign in to see what those post whom you follow.")
        return browsing.following(who, query)
    found, pagination = feeding.for_you(who, query)
    showing.note(who, found)
    return found, pagination


@feed.get("")
@optional_login
@feed.takes(FeedQuery)
@feed.returns(200, videos=CONTENTS, pagination=PAGINATION, meta=fields.Dict(required=True))
@feed.refuses(401, 409)
def show_feed(query: dict[str, Any]) -> dict[str, Any]:
    """Show the feed

    The latest and most popular posts by a score of their age, of what is done with them and of how close one is to
    their creators; then everything older. `following=true` leaves it to those whom one follows, the latest first.
    """
    found, pagination = _feed(query)
    return {"videos": found, "pagination": pagination, "meta": {"following": query["following"]}}


@feed.get("/for-you")
@login_required()
@feed.takes(PageQuery)
@feed.returns(200, videos=CONTENTS, pagination=PAGINATION)
@feed.refuses(409)
def show_for_you(query: dict[str, Any]) -> dict[str, Any]:
    """Show the feed for the viewer

    As `GET /api/feed`.
    """
    found, pagination = _feed(query)
    return {"videos": found, "pagination": pagination}


@feed.get("/following")
@login_required()
@feed.takes(PageQuery)
@feed.returns(200, videos=CONTENTS, pagination=PAGINATION)
def show_following(query: dict[str, Any]) -> dict[str, Any]:
    """Show what those post whom one follows

    The latest first.
    """
    found, pagination = browsing.following(current_viewer(), query)
    return {"videos": found, "pagination": pagination}


@feed.get("/trending")
@optional_login
@feed.takes(TrendingQuery)
@feed.returns(200, content=CONTENTS, computedAt=RECKONED)
def show_trending(query: dict[str, Any]) -> dict[str, Any]:
    """Show what is popular

    Among the posts of the last 24 hours, 7 or 30 days; reckoned every 5 minutes, half hour and two hours.
    """
    found, at = trending.popular(query["timeframe"], query["limit"], viewer())
    return {"content": found, "computedAt": at}


@blueprint.get("/feed")
@optional_login
@blueprint.takes(FeedQuery)
@blueprint.returns(200, content=CONTENTS, pagination=PAGINATION)
@blueprint.refuses(401, 409)
def list_feed(query: dict[str, Any]) -> dict[str, Any]:
    """Show the feed

    As `GET /api/feed`.
    """
    found, pagination = _feed(query)
    return {"content": found, "pagination": pagination}


@blueprint.get("/following")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, content=CONTENTS, pagination=PAGINATION)
def list_following(query: dict[str, Any]) -> dict[str, Any]:
    """Show what those post whom one follows

    As `GET /api/feed/following`.
    """
    found, pagination = browsing.following(current_viewer(), query)
    return {"content": found, "pagination": pagination}


@blueprint.get("/trending")
@optional_login
@blueprint.takes(TrendingQuery)
@blueprint.returns(200, content=CONTENTS, computedAt=RECKONED)
def list_trending(query: dict[str, Any]) -> dict[str, Any]:
    """Show what is popular

    As `GET /api/feed/trending`.
    """
    found, at = trending.popular(query["timeframe"], query["limit"], viewer())
    return {"content": found, "computedAt": at}
