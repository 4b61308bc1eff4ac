"""The pages that links in mail open: confirm an address, ask for a new password, choose it.

Opening a link changes nothing, because mail programs open links by themselves; the button on the page does.
"""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from marshmallow import Schema, ValidationError

from mixillo.blueprints.auth.schemas import ForgotPasswordSchema, ResetPasswordSchema, VerifyEmailSchema
from mixillo.blueprints.auth.services import recovery
from mixillo.core.api import validation_failed
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import public
from mixillo.errors import AppError

pages = Blueprint("account", __name__)


@pages.get("/verify-email")
@public
def ask_to_verify() -> Response:
    """Show the button that confirms the address."""
    return _page("verify_email", token=request.args.get("token", ""))


@pages.post("/verify-email")
@public
@rate_limited("verify-email", "30/hour")
def verify() -> Response:
    """Confirm the address."""
    recovery.verify_email(_form(VerifyEmailSchema)["token"])
    return _page("done", text="Your e-mail address is confirmed.")


@pages.get("/forgot-password")
@public
def ask_for_address() -> Response:
    """Show the form that asks for a link."""
    return _page("forgot_password")


@pages.post("/forgot-password")
@public
@rate_limited("forgot-password", "10/hour")
def forgot() -> Response:
    """Send a link, if there is an account; the page is the same without."""
    recovery.forgot_password(_form(ForgotPasswordSchema)["email"])
    return _page("done", text="If there is an account with this e-mail address, a link is on its way.")


@pages.get("/reset-password")
@public
def ask_for_password() -> Response:
    """Show the form for the new password."""
    return _page("reset_password", token=request.args.get("token", ""))


@pages.post("/reset-password")
@public
@rate_limited("reset-password", "30/hour")
def reset() -> Response:
    """Replace the password."""
    form = _form(ResetPasswordSchema)
    recovery.reset_password(form["token"], form["password"])
    return _page("done", text="Your password is changed. Sign in with the new one.")


@pages.errorhandler(AppError)
def show_again(error: AppError) -> Response:
    """Show the form again with what is wrong, or say that there is no use in trying."""
    name = (request.endpoint or "").removeprefix("account.")
    form = {"verify": "verify_email", "forgot": "forgot_password", "reset": "reset_password"}[name]
    problem = error.errors[0]["message"] if error.errors else error.detail
    response = _page(form, problem=problem, token=request.form.get("token", ""))
    response.status_code = error.status
    response.headers.update(error.headers)
    return response


def _form(schema: type[Schema]) -> dict[str, Any]:
    """Return the submitted form.

    :raises ValidationFailed: naming all fields that are invalid.
    """
    try:
        loaded: dict[str, Any] = schema().load(request.form.to_dict())
    except ValidationError as error:
        raise validation_failed(error.normalized_messages()) from None
    return loaded


def _page(name: str, **shown: Any) -> Response:
    response = make_response(render_template(f"auth/{name}.html", **shown))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address holds a secret
    return response
