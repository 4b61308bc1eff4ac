"""/api/users: people, profiles, following, blocking."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.users.queries import circles, people
from mixillo.blueprints.users.schemas import (
    MobileNotificationSettingsSchema,
    OwnUserSchema,
    ProfileChangesSchema,
    ProfileSchema,
    PublicUserSchema,
    SearchQuery,
    UsersQuery,
)
from mixillo.blueprints.users.services import blocks, follows, profiles
from mixillo.core.api import Blueprint, Reply, revalidated
from mixillo.core.idempotency import idempotent
from mixillo.core.schemas import PageQuery, PaginationSchema, UserSummary
from mixillo.core.security import current_viewer, login_required, optional_login, public, viewer

blueprint = Blueprint("users", __name__, url_prefix="/api/users", description="People, profiles, following, blocking")

PROFILE_EXAMPLE = {
    "fullName": "Ada Lovelace",
    "bio": "Poetical science",
    "website": "https://example.com/ada",
    "dateOfBirth": "1990-12-10",
    "socialLinks": {"instagram": "@ada"},
    "privacySettings": {"isPrivate": False, "allowMessages": "followers"},
    "notificationSettings": {"likes": False},
}


@blueprint.get("")
@public
@revalidated
@blueprint.takes(UsersQuery)
@blueprint.returns(
    200, users=fields.List(fields.Nested(PublicUserSchema), required=True), pagination=fields.Nested(PaginationSchema)
)
def list_users(query: dict[str, Any]) -> dict[str, Any]:
    """List active people

    Newest first. `role` and `isVerified` filter. Of a private profile only the outside is shown.
    """
    users, pagination = people.everybody(query)
    return {"users": users, "pagination": pagination}


@blueprint.get("/search")
@optional_login
@blueprint.takes(SearchQuery)
@blueprint.returns(200, users=fields.List(fields.Nested(PublicUserSchema), required=True))
def search(query: dict[str, Any]) -> dict[str, Any]:
    """Find people by username or name

    First those whose username starts with `q` (at least two characters), then those whose name holds its words.
    Whoever blocks the viewer, or is blocked, is left out.
    """
    return {"users": people.search(query["q"], query["limit"], viewer())}


@blueprint.get("/stats")
@public
@revalidated
@blueprint.returns(
    200,
    totalUsers=fields.Integer(required=True),
    activeUsers=fields.Integer(required=True),
    verifiedUsers=fields.Integer(required=True),
    sellers=fields.Integer(required=True),
)
def stats() -> dict[str, int]:
    """Count people

    All, the active ones, and among these the verified ones and the sellers.
    """
    return people.statistics()


@blueprint.get("/me")
@blueprint.get("/profile")
@login_required()
@blueprint.returns(200, user=fields.Nested(OwnUserSchema, required=True))
def show_own_profile() -> dict[str, Any]:
    """Show one's own account

    With e-mail address, phone number and settings, which nobody else sees.
    """
    return {"user": people.own(current_viewer().id)}


@blueprint.put("/me")
@blueprint.put("/profile")
@login_required()
@blueprint.accepts(ProfileChangesSchema, example=PROFILE_EXAMPLE)
@blueprint.returns(200, user=fields.Nested(OwnUserSchema, required=True))
def update_profile(body: dict[str, Any]) -> Reply:
    """Change one's own profile

    What is not sent stays as it is, inside `socialLinks`, `privacySettings` and `notificationSettings` too;
    `null` clears.
    """
    return Reply({"user": profiles.update(current_viewer().id, body)}, "Profile updated")


@blueprint.put("/notification-settings")
@login_required()
@blueprint.accepts(MobileNotificationSettingsSchema, example={"pushEnabled": True, "likesEnabled": False})
@blueprint.returns(200, user=fields.Nested(OwnUserSchema, required=True))
def update_notification_settings(body: dict[str, Any]) -> Reply:
    """Change what one is told about

    Under the names of the mobile app; `PUT /api/users/profile` takes the stored names.
    """
    changes = {"notificationSettings": body}
    return Reply({"user": profiles.update(current_viewer().id, changes)}, "Notification settings updated")


@blueprint.get("/blocked")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(
    200, blocked=fields.List(fields.Nested(UserSummary), required=True), pagination=fields.Nested(PaginationSchema)
)
def list_blocked(query: dict[str, Any]) -> dict[str, Any]:
    """List whom one blocks

    The latest first.
    """
    blocked, pagination = circles.blocked(current_viewer().id, query)
    return {"blocked": blocked, "pagination": pagination}


@blueprint.get("/<id:user_id>")
@optional_login
@blueprint.returns(200, user=fields.Nested(ProfileSchema, required=True))
@blueprint.refuses(404)
def show_profile(user_id: ObjectId) -> dict[str, Any]:
    """Show a person's page

    404 also for accounts that are not active and for people who block the viewer. The details of a private
    profile (`bio`, `website`, `socialLinks`) are for those whom its owner follows.
    """
    return {"user": people.profile(user_id, viewer())}


@blueprint.post("/<id:user_id>/follow")
@login_required()
@idempotent
@blueprint.returns(200, isFollowing=fields.Boolean(required=True), followerCount=fields.Integer(required=True))
@blueprint.refuses(404, 409)
def toggle_follow(user_id: ObjectId) -> Reply:
    """Follow a person, or stop following

    Send an `Idempotency-Key`, so that repeating a lost request does not turn it round.
    """
    result = follows.toggle(current_viewer(), user_id)
    return Reply(result, "Following" if result["isFollowing"] else "No longer following")


@blueprint.delete("/<id:user_id>/follow")
@login_required()
@blueprint.returns(200, isFollowing=fields.Boolean(required=True), followerCount=fields.Integer(required=True))
@blueprint.refuses(404, 409)
def unfollow(user_id: ObjectId) -> Reply:
    """Stop following a person

    Also fine when one did not follow.
    """
    return Reply(follows.unfollow(current_viewer(), user_id), "No longer following")


@blueprint.get("/<id:user_id>/followers")
@optional_login
@blueprint.takes(PageQuery)
@blueprint.returns(
    200, followers=fields.List(fields.Nested(UserSummary), required=True), pagination=fields.Nested(PaginationSchema)
)
@blueprint.refuses(404)
def list_followers(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """List a person's followers

    The latest first; closed accounts are left out, so that a page may be shorter than `limit`. 403 where a
    private profile does not open to the viewer.
    """
    followers, pagination = circles.followers(user_id, query, viewer())
    return {"followers": followers, "pagination": pagination}


@blueprint.get("/<id:user_id>/following")
@optional_login
@blueprint.takes(PageQuery)
@blueprint.returns(
    200, following=fields.List(fields.Nested(UserSummary), required=True), pagination=fields.Nested(PaginationSchema)
)
@blueprint.refuses(404)
def list_following(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """List whom a person follows

    The latest first; otherwise like the list of followers.
    """
    following, pagination = circles.following(user_id, query, viewer())
    return {"following": following, "pagination": pagination}


@blueprint.post("/<id:user_id>/block")
@login_required()
@idempotent
@blueprint.returns(200, isBlocked=fields.Boolean(required=True))
@blueprint.refuses(404)
def toggle_block(user_id: ObjectId) -> Reply:
    """Block a person, or unblock

    Whoever is blocked gets a 404 for the person's page; neither follows the other any more. Send an
    `Idempotency-Key`, so that repeating a lost request does not turn it round.
    """
    is_blocked = blocks.toggle(current_viewer(), user_id)
    return Reply({"isBlocked": is_blocked}, "Blocked" if is_blocked else "Unblocked")
