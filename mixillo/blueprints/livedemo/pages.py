"""GET /live-demo, POST /live-demo/stock: not there in production unless a setting says so."""

from typing import Any

from flask import Blueprint, current_app, render_template

from mixillo.blueprints.livedemo.services import stocking
from mixillo.config import SANDBOX, Settings
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import public
from mixillo.errors import NotFound
from mixillo.version import VERSION

pages = Blueprint("livedemo", __name__)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@pages.before_request
def check_shown() -> None:
    """Refuse where the demo is off."""
    if not _settings().shows_live_demo:
        raise NotFound


@pages.get("/live-demo")
@public
def show() -> str:
    """Show the demo."""
    return render_template("livedemo/page.html", version=VERSION, has_sandbox=_settings().payments_by == SANDBOX)


@pages.post("/live-demo/stock")
@public
@rate_limited("live_demo", "30/minute")
def stock() -> dict[str, Any]:
    """Fill empty shelves, so that there is something to give; in production they are the owner's business."""
    if _settings().is_production:
        raise NotFound
    return stocking.stock()
