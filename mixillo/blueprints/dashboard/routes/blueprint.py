"""The blueprint that the pages hang on, and what all their templates may use."""

from flask import Blueprint

from mixillo.blueprints.dashboard import access, assets, formats, notices, reauthentication, tables
from mixillo.version import VERSION

blueprint = Blueprint("dashboard", __name__, url_prefix="/ops")

# Application-wide, because the error page is rendered outside of any blueprint.
for name, function in formats.FILTERS.items():
    blueprint.add_app_template_filter(function, name)
blueprint.add_app_template_global(assets.asset, "asset")
blueprint.add_app_template_global(access.csrf_token, "csrf_token")
blueprint.add_app_template_global(tables.link, "link")
blueprint.add_app_template_global(notices.take, "take_notice")
blueprint.add_app_template_global(reauthentication.is_recently_confirmed, "is_recently_confirmed")
blueprint.add_app_template_global(VERSION, "version")  # type: ignore[arg-type]  # a constant is as good as a function
