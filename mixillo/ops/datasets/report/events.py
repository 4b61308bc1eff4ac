"""The report's 1,001 tracked events: those of the last seven days."""

from mixillo.ops.datasets.documents import Document, DocumentFactory
from mixillo.ops.datasets.report.dates import day
from mixillo.ops.datasets.report.sessions import EVENT_DAYS, Event, Session


def event_trackings(make: DocumentFactory, sessions: list[Session]) -> list[Document]:
    """Return the events of ``sessions`` since the first tracked day, oldest first."""
    tracked = [(event, session) for session in sessions for event in session.events if event.at >= day(1 - EVENT_DAYS)]
    tracked.sort(key=lambda pair: pair[0].at)
    return [make.stamped("eventtrackings", event.at, _tracking(event, session)) for event, session in tracked]


def _tracking(event: Event, session: Session) -> Document:
    device, system, _browser = session.person.device
    document: Document = {"eventType": event.kind, "user": session.user["_id"]}
    if event.product is not None:
        document["relatedEntities"] = {"productId": event.product}
    if event.data is not None:
        document["data"] = event.data
    document |= {
        "sessionId": session.session_id,
        "device": {"type": device, "os": system},
        "timestamp": event.at,
    }
    if event.duration is not None:
        document |= {"duration": event.duration, "metadata": {"path": event.path}}
    return document
