"""/api/uploads, /api/media, and the older paths that lead to them."""

from mixillo.blueprints.uploads.routes import avatars, direct, media, own, resumable, signed
from mixillo.blueprints.uploads.routes.blueprint import avatar_pages, blueprint, config, files, older

__all__ = [
    "avatar_pages", "avatars", "blueprint", "config", "direct", "files", "media", "older", "own", "resumable", "signed",
]  # fmt: skip
