"""Whether the service was up: from its own heartbeats and from what checkers outside saw."""

from mixillo.ops.uptime.pulse import Pulse
from mixillo.ops.uptime.reports import Bar, Incident, Uptime, bars, uptime

__all__ = ["Bar", "Incident", "Pulse", "Uptime", "bars", "uptime"]
