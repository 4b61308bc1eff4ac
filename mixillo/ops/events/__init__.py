"""What happens, as it happens: audit log, jobs, alerts, revisions, changes of collections, emits to clients."""

from mixillo.ops.events.live import LiveEvents
from mixillo.ops.events.model import KEPT, KINDS, Event, Ring, merged
from mixillo.ops.events.recorded import recent

__all__ = ["KEPT", "KINDS", "Event", "LiveEvents", "Ring", "merged", "recent"]
