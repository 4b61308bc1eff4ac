"""/ops/sign-in, /ops/confirm, /ops/sign-out, /ops/setup."""

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mixillo.blueprints.dashboard import sockets
from mixillo.blueprints.dashboard.access import (
    current_operator,
    current_session,
    dashboard_public,
    drop_cookie,
    operator_required,
    safe_target,
    set_cookie,
)
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.blueprints.dashboard.services import operators, sessions
from mixillo.blueprints.dashboard.services.operators import Operator
from mixillo.blueprints.dashboard.services.sessions import Session
from mixillo.core import audit_log, ratelimits
from mixillo.core.db import ops_database
from mixillo.core.ratelimits import Rate
from mixillo.errors import TooManyRequests, ValidationFailed

WRONG_GUESSES = Rate("operator_sign_in", 10, 15 * 60)
LONGEST_USERNAME = 100


@blueprint.get("/sign-in")
@dashboard_public
def sign_in() -> BaseResponse | str:
    """Show the form, or the page that was asked for to somebody who is signed in."""
    target = safe_target(request.args.get("next"))
    if current_session():
        return redirect(target, 303)
    return _sign_in_page(target)


@blueprint.post("/sign-in")
@dashboard_public
def submit_sign_in() -> BaseResponse | tuple[str, int]:
    """Sign in under a new session; ten wrong guesses at a name close it for a quarter of an hour."""
    username, password = request.form.get("username", "").strip(), request.form.get("password", "")
    target = safe_target(request.form.get("next"))
    try:
        _check_guesses(username)
    except TooManyRequests as error:
        response = make_response(_sign_in_page(target, username, error.detail), error.status)
        response.headers.update(error.headers)
        return response
    operator = operators.authenticate(ops_database(), username, password)
    if operator is None:
        _audit_failure(username, "denied")
        return _sign_in_page(target, username, "That name and password do not go together."), 401
    _forgive_guess(username)
    return _signed_in(operator, target)


@blueprint.get("/confirm")
@operator_required()
def confirm() -> str:
    """Ask who is signed in for the password again."""
    return _confirm_page(safe_target(request.args.get("next")))


@blueprint.post("/confirm")
@operator_required()
def submit_confirm() -> BaseResponse | tuple[str, int]:
    """Open dangerous actions to this session for a quarter of an hour; guesses count as at the sign-in page."""
    session, target = _own_session(), safe_target(request.form.get("next"))
    username = session.operator.username
    _check_guesses(username)
    if not operators.knows_password(ops_database(), session.operator, request.form.get("password", "")):
        _audit_failure(username, "denied", "operator.confirm")
        return _confirm_page(target, "That is not your password."), 401
    _forgive_guess(username)
    sessions.confirm(ops_database(), session.id)
    audit_log.record("operator.confirm", actor=session.operator.actor)
    return redirect(target, 303)


@blueprint.post("/sign-out")
@operator_required()
def sign_out() -> BaseResponse:
    """End this session, its open pages included."""
    session = _own_session()
    sessions.end(ops_database(), session.id)
    sockets.end_session(session.id)
    audit_log.record("operator.signed_out", actor=session.operator.actor)
    response = redirect(url_for("dashboard.sign_in"), 303)
    drop_cookie(response)  # type: ignore[arg-type]
    return response


@blueprint.get("/setup")
@dashboard_public
def setup() -> str:
    """Show the form that creates the first operator."""
    token = request.args.get("token", "")
    operators.check_setup_token(ops_database(), token)
    return render_template("dashboard/setup.html", token=token, form={}, faults={})


@blueprint.post("/setup")
@dashboard_public
def submit_setup() -> BaseResponse | tuple[str, int]:
    """Create the first operator and sign in."""
    form, token = request.form, request.form.get("token", "")
    try:
        operator = operators.create_first(
            ops_database(),
            token,
            username=form.get("username", ""),
            email=form.get("email", ""),
            full_name=form.get("fullName", ""),
            password=form.get("password", ""),
        )
    except ValidationFailed as error:
        faults = {entry["field"]: entry["message"] for entry in error.errors or []}
        return render_template("dashboard/setup.html", token=token, form=form, faults=faults), error.status
    audit_log.record("operator.created", actor=operator.actor, target="operators", target_id=operator.id)
    return _signed_in(operator, url_for("dashboard.overview"))


def _sign_in_page(target: str, username: str = "", problem: str = "") -> str:
    settings = current_app.config["SETTINGS"]
    return render_template(
        "dashboard/sign_in.html",
        target=target,
        username=username,
        problem=problem,
        insecure=settings.is_production and not request.is_secure,
        nobody=not operators.exist(ops_database()),
    )


def _confirm_page(target: str, problem: str = "") -> str:
    return render_template(
        "dashboard/confirm.html",
        target=target,
        username=current_operator().username,
        minutes=sessions.CONFIRMED_FOR.seconds // 60,
        problem=problem,
    )


def _own_session() -> Session:
    session = current_session()
    assert session is not None  # the decorator saw to it
    return session


def _check_guesses(username: str) -> None:
    """Count a guess at the password of ``username`` before it is looked at.

    :raises TooManyRequests: there were ten wrong ones in a quarter of an hour.
    """
    try:
        ratelimits.check(WRONG_GUESSES, _guesses_at(username))
    except TooManyRequests:
        _audit_failure(username, "locked_out")
        raise


def _forgive_guess(username: str) -> None:
    """Take back the count of a guess that was right: only wrong ones count."""
    ratelimits.check(WRONG_GUESSES, _guesses_at(username), cost=-1)


def _guesses_at(username: str) -> str:
    return f"operator:{username.casefold()[:LONGEST_USERNAME]}"


def _signed_in(operator: Operator, target: str) -> Response:
    """Start a session under a new cookie, whatever cookie the browser came with."""
    agent = request.headers.get("User-Agent", "")
    cookie = sessions.start(ops_database(), operator, address=request.remote_addr, agent=agent)
    audit_log.record("operator.signed_in", actor=operator.actor)
    response = make_response(redirect(target, 303))
    set_cookie(response, cookie)
    return response


def _audit_failure(username: str, result: str, action: str = "operator.sign_in") -> None:
    name = username[:LONGEST_USERNAME] or "nobody"
    audit_log.record(action, actor={"kind": "operator", "name": name}, result=result)
