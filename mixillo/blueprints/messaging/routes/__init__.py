"""/api/messaging, /api/chat and /api/conversations."""

from mixillo.blueprints.messaging.routes import conversations, messages
from mixillo.blueprints.messaging.routes.blueprints import OTHER_PATHS

__all__ = ["OTHER_PATHS", "conversations", "messages"]
