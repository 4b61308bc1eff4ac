"""/api/wallets, served as /api/wallet too, and /api/admin/wallets.

Modules with literal paths come first; Werkzeug prefers these whatever the order, and a contract test watches it.
"""

from mixillo.blueprints.wallets.routes import administering, everybody, named, own, paying
from mixillo.blueprints.wallets.routes.blueprint import ALIAS, administration, blueprint

__all__ = ["ALIAS", "administering", "administration", "blueprint", "everybody", "named", "own", "paying"]
