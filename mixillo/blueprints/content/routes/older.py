"""Paths of older clients, each of which names its successor."""

from mixillo.blueprints.content.routes import composing
from mixillo.blueprints.content.routes.blueprint import blueprint

blueprint.add_deprecated_alias("/mongodb", composing.create_content, successor="/api/content", methods=["POST"])
