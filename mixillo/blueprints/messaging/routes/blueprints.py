"""The blueprints that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

PATH = "/api/messaging"
talks = Blueprint("conversations", __name__, url_prefix=f"{PATH}/conversations", description="Who writes to each other")
written = Blueprint("messaging", __name__, url_prefix=PATH, description="What people write to each other")
# Clients know them by other paths too: blueprint, name, path.
OTHER_PATHS = (
    (talks, "conversations-alone", "/api/conversations"),
    (talks, "chat-conversations", "/api/chat/conversations"),
    (written, "chat", "/api/chat"),
)
