"""/api/auth: registration, sessions, passwords, verified addresses."""

from typing import Any

from bson import ObjectId
from flask import request
from marshmallow import fields

from mixillo.blueprints.auth.schemas import (
    ChangePasswordSchema,
    ForgotPasswordSchema,
    LoginSchema,
    LogoutSchema,
    RefreshSchema,
    RegisterSchema,
    ResetPasswordSchema,
    SessionSchema,
    VerifyEmailSchema,
)
from mixillo.blueprints.auth.services import recovery, sessions, signing_in
from mixillo.blueprints.auth.services.sessions import Origin
from mixillo.blueprints.users.queries import people
from mixillo.blueprints.users.schemas import OwnUserSchema
from mixillo.blueprints.users.services import accounts
from mixillo.core.api import Blueprint, Reply
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import current_viewer, login_required, public

blueprint = Blueprint("auth", __name__, url_prefix="/api/auth", description="Signing in, sessions, passwords")

TOKENS = {"token": fields.String(required=True), "refreshToken": fields.String(required=True)}
SIGNED_IN = {"user": fields.Nested(OwnUserSchema, required=True), **TOKENS}
# Names that the demo does not have; its passwords are printed when it is loaded.
REGISTRATION = {
    "username": "grace_h",
    "email": "grace@example.org",
    "password": "correct horse battery",
    "fullName": "Grace Hopper",
}
LOGIN = {"identifier": REGISTRATION["email"], "password": REGISTRATION["password"]}
CHANGE_PASSWORD = {"currentPassword": REGISTRATION["password"], "newPassword": "staple correct horse"}


@blueprint.post("/register")
@public
@rate_limited("register", "30/hour")
@blueprint.accepts(RegisterSchema, example=REGISTRATION)
@blueprint.returns(201, **SIGNED_IN)
@blueprint.refuses(409)
def register(body: dict[str, Any]) -> Reply:
    """Create an account and sign in

    409 when the username or the e-mail address cannot be used; it does not say which. A link to confirm the
    address goes out by mail.
    """
    signed_in = signing_in.register(full_name=body.pop("fullName"), origin=_origin(), **body)
    return Reply(signed_in.answer(), "Registered", location=f"/api/users/{signed_in.account['_id']}")


@blueprint.post("/login")
@public
@rate_limited("login", "30/minute")
@blueprint.accepts(LoginSchema, example=LOGIN)
@blueprint.returns(200, **SIGNED_IN)
@blueprint.refuses(401, 403)
def login(body: dict[str, Any]) -> Reply:
    """Sign in

    By `identifier` (username or e-mail address), or by `email` or `username`. 401 without saying whether there
    is such an account; 403 for a closed account with the right password; 429 after too many wrong guesses.
    """
    signed_in = signing_in.login(body["identifier"], body["password"], _origin())
    return Reply(signed_in.answer(), "Signed in")


@blueprint.post("/refresh")
@public
@rate_limited("refresh", "120/minute")
@blueprint.accepts(RefreshSchema, example={"refreshToken": "eyJhbGciOiJIUzI1NiJ9.e30.signature"})
@blueprint.returns(200, **TOKENS)
@blueprint.refuses(401, 403)
def refresh(body: dict[str, Any]) -> dict[str, str]:
    """Exchange a refresh token for new tokens

    A refresh token is good once. Using it again within ten seconds returns the same successor (a lost answer, a
    second tab); later it ends the session.
    """
    return signing_in.refresh(body["refreshToken"], _origin())


@blueprint.post("/logout")
@login_required()
@blueprint.accepts(LogoutSchema, example={}, required=False)
@blueprint.returns(200)
@blueprint.refuses(404)
def logout(body: dict[str, Any]) -> Reply:
    """Sign out

    Ends this session: its tokens are refused from now on, its sockets are cut. `fcmToken` names a device that
    shall get no more push messages.
    """
    viewer = current_viewer()
    if body["fcmToken"]:
        accounts.forget_device(viewer.id, body["fcmToken"])
    sessions.end(viewer.session_id, viewer.id, sessions.LOGGED_OUT)
    return Reply({}, "Signed out")


@blueprint.post("/logout-all")
@login_required()
@blueprint.returns(200, ended=fields.Integer(required=True))
def logout_all() -> Reply:
    """Sign out everywhere

    Ends every session of the account, this one included; `ended` says how many.
    """
    return Reply({"ended": sessions.end_all(current_viewer().id, sessions.LOGGED_OUT)}, "Signed out everywhere")


@blueprint.get("/me")
@login_required()
@blueprint.returns(200, user=fields.Nested(OwnUserSchema, required=True))
def me() -> dict[str, Any]:
    """Show who is signed in

    The same as one's own profile.
    """
    return {"user": people.own(current_viewer().id)}


@blueprint.get("/sessions")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(
    200, sessions=fields.List(fields.Nested(SessionSchema), required=True), pagination=fields.Nested(PaginationSchema)
)
def list_sessions(query: dict[str, Any]) -> dict[str, Any]:
    """List where one is signed in

    The latest used first; `isCurrent` marks the session of this request.
    """
    viewer = current_viewer()
    found, pagination = sessions.listing(viewer.id, viewer.session_id, query)
    return {"sessions": found, "pagination": pagination}


@blueprint.delete("/sessions/<id:session_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def end_session(session_id: ObjectId) -> Reply:
    """Sign out somewhere else

    Its tokens are refused from now on, its sockets are cut.
    """
    sessions.end(session_id, current_viewer().id, sessions.ENDED_BY_USER)
    return Reply({}, "The session has ended")


@blueprint.post("/change-password")
@login_required()
@rate_limited("change-password", "20/hour")
@blueprint.accepts(ChangePasswordSchema, example=CHANGE_PASSWORD)
@blueprint.returns(200)
@blueprint.refuses(409)
def change_password(body: dict[str, Any]) -> Reply:
    """Change one's password

    Ends all other sessions.
    """
    recovery.change_password(current_viewer(), body["currentPassword"], body["newPassword"])
    return Reply({}, "Password changed")


@blueprint.post("/forgot-password")
@public
@rate_limited("forgot-password", "10/hour")
@blueprint.accepts(ForgotPasswordSchema, example={"email": REGISTRATION["email"]})
@blueprint.returns(200)
def forgot_password(body: dict[str, Any]) -> Reply:
    """Ask for a link to choose a new password

    The answer is the same whether or not there is such an account. The link is good for one hour, once.
    """
    recovery.forgot_password(body["email"])
    return Reply({}, "If there is an account with this e-mail address, a link is on its way.")


@blueprint.post("/reset-password")
@public
@rate_limited("reset-password", "30/hour")
@blueprint.accepts(ResetPasswordSchema, example={"token": "from-the-mail", "password": "correct horse battery"})
@blueprint.returns(200)
def reset_password(body: dict[str, Any]) -> Reply:
    """Choose a new password with the token of the mail

    Ends every session.
    """
    recovery.reset_password(body["token"], body["password"])
    return Reply({}, "Password changed; sign in with the new one")


@blueprint.post("/verify-email")
@public
@rate_limited("verify-email", "30/hour")
@blueprint.accepts(VerifyEmailSchema, example={"token": "from-the-mail"})
@blueprint.returns(200)
def verify_email(body: dict[str, Any]) -> Reply:
    """Confirm one's e-mail address with the token of the mail

    The token is good for 24 hours, once.
    """
    recovery.verify_email(body["token"])
    return Reply({}, "E-mail address confirmed")


@blueprint.post("/resend-verification")
@login_required()
@rate_limited("resend-verification", "10/hour")
@blueprint.returns(200)
def resend_verification() -> Reply:
    """Ask for another link to confirm one's e-mail address

    Nothing is sent when the address is confirmed or a link was sent within the last minute.
    """
    recovery.resend_verification(current_viewer().id)
    return Reply({}, "A link is on its way")


def _origin() -> Origin:
    return Origin(request.remote_addr or "", request.headers.get("User-Agent", ""))


# The paths that the admin dashboard of the existing system calls.
for _view, _method in ((register, "POST"), (login, "POST"), (refresh, "POST"), (logout, "POST"), (me, "GET")):
    _name = _view.__name__
    blueprint.add_deprecated_alias(f"/mongodb/{_name}", _view, successor=f"/api/auth/{_name}", methods=[_method])
