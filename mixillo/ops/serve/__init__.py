"""`mixillo serve`: the web server and, unless another is named, its database, started, watched and stopped together."""

from mixillo.ops.serve.supervisor import interrupted_by_signals, serving, watch
from mixillo.ops.serve.webserver import ServerError, WebServer

__all__ = ["ServerError", "WebServer", "interrupted_by_signals", "serving", "watch"]
