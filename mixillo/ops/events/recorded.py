"""Events that are on record: from the documents of the technical collections, read now or as they are written."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.core import audit_log
from mixillo.ops import jobs
from mixillo.ops.alerts import in_words, stored
from mixillo.ops.alerts.rules import BY_ID
from mixillo.ops.events.model import ALERT, AUDIT, JOB, REVISION, Event, merged
from mixillo.ops.revisions import records as revisions
from mixillo.ops.watching import Change

Document = Mapping[str, Any]
EACH = 50
# Names of rules and the like; whatever else stands in the place of an id is not shown.
SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,40}")
PEOPLE_BY_NAME = ("operator", "command", "system")
# What is read of a document: neither what was changed, nor notes, nor where somebody was.
AUDIT_FIELDS = ("action", "actor", "target", "targetId", "result", "createdAt")
JOB_FIELDS = ("kind", "state", "actor", "startedAt", "finishedAt")
ALERT_FIELDS = ("rule", "kind", "at", "from", "to", "value", "actor")
REVISION_FIELDS = ("version", "firstSeenAt", "source")


def _audited(document: Document) -> Event:
    target = " ".join(filter(None, (document.get("target"), _id(document.get("targetId")))))
    summary = f"{who(document['actor'])}{f' on {target}' if target else ''}: {document['result']}"
    return Event(str(document["_id"]), document["createdAt"], AUDIT, document["action"], summary)


def _job_started(document: Document) -> Event:
    summary = f"started by {who(document['actor'])}"
    return Event(f"{document['_id']}:{jobs.RUNNING}", document["startedAt"], JOB, document["kind"], summary)


def _job_ended(document: Document) -> Event:
    state, at = document["state"], document["finishedAt"]
    took = f" after {(at - document['startedAt']).total_seconds():.1f} s"
    return Event(f"{document['_id']}:{state}", at, JOB, document["kind"], state + took)


def _alert(document: Document) -> Event:
    if document["kind"] == "changed":
        rule = BY_ID.get(document["rule"])
        value = in_words(document["value"], rule.unit if rule else "")
        summary = f"{document['from']} → {document['to']}, {value}"
    else:
        summary = f"{document['kind']} by {who(document['actor'])}"
    return Event(str(document["_id"]), document["at"], ALERT, document["rule"], summary)


def _revision(document: Document) -> Event:
    started = "imported from a deploy log" if document.get("source") == revisions.IMPORTED else "started"
    return Event(f"revision:{document['_id']}", document["firstSeenAt"], REVISION, str(document["_id"]), started)


Reader = Callable[[Document], Event]
SOURCES: Mapping[str, tuple[Reader, tuple[str, ...], str]] = {
    audit_log.COLLECTION: (_audited, AUDIT_FIELDS, "createdAt"),
    jobs.COLLECTION: (_job_started, JOB_FIELDS, "startedAt"),
    stored.EVENTS: (_alert, ALERT_FIELDS, "at"),
    revisions.COLLECTION: (_revision, REVISION_FIELDS, "firstSeenAt"),
}
STATE = "updateDescription.updatedFields.state"
# The server drops the rest before it crosses the wire: progress of jobs, heartbeats, figures.
PIPELINE: tuple[dict[str, Any], ...] = (
    {
        "$match": {
            "$or": [
                {"operationType": "insert", "ns.coll": {"$in": list(SOURCES)}},
                {"operationType": "update", "ns.coll": jobs.COLLECTION, STATE: {"$exists": True}},
            ]
        }
    },
    {
        "$project": {
            "operationType": 1,
            "ns": 1,
            "documentKey": 1,
            "fullDocument": {field: 1 for _, fields, _ in SOURCES.values() for field in ("_id", *fields)},
        }
    },
)


def recent(ops: Database) -> list[Event]:
    """Return the newest events on record, the newest first."""
    found = []
    for collection, (read, fields, newest) in SOURCES.items():
        documents = list(ops[collection].find({}, dict.fromkeys(fields, 1), sort=[(newest, -1)], limit=EACH))
        found += [read(document) for document in documents]
        if collection == jobs.COLLECTION:
            found += [_job_ended(document) for document in documents if document["finishedAt"]]
    return merged(found)


def event_of(change: Change, ops: Database) -> Event | None:
    """Return the event that a change of the technical database is, with ``PIPELINE`` as its filter."""
    collection = change["ns"]["coll"]
    if change["operationType"] == "insert":
        return SOURCES[collection][0](change["fullDocument"])
    job = ops[collection].find_one({"_id": change["documentKey"]["_id"]}, dict.fromkeys(JOB_FIELDS, 1))
    return _job_ended(job) if job and job["finishedAt"] else None


def who(actor: Document) -> str:
    """Return who did something: those who run the service by name, users by their id."""
    kind, is_known = actor.get("kind", "somebody"), "id" in actor or actor.get("kind") != "operator"
    if kind in PEOPLE_BY_NAME and is_known:  # an operator without an id is whatever somebody typed as a name
        return str(actor.get("name"))
    return " ".join(filter(None, (kind, _id(actor.get("id")))))


def _id(value: Any) -> str:
    return str(value) if isinstance(value, ObjectId) or SLUG.fullmatch(str(value or "")) else ""
