"""Checks of the database: connection, migrations, integrity, indexes, slow queries, old events."""

import shlex
from typing import Any

from mixillo.ops.archive import DAYS
from mixillo.ops.indexes import Verdict, commands
from mixillo.ops.indexes.verdicts import DUPLICATE, MISSING, PREFIX, UNUSED
from mixillo.ops.migrations import APPLIED, PENDING
from mixillo.ops.report.checks.model import IMMEDIATE, MONTH, WEEK, Check, Finding, met, unmeasured
from mixillo.ops.report.evidence import PINGS, Evidence
from mixillo.ops.report.tree import DEGRADED
from mixillo.ops.report.wording import count, kilobytes, milliseconds, moment, plural

LATENCY_TARGET_MS = 100.0
SUPERFLUOUS = (DUPLICATE, PREFIX, UNUSED)
CREATOR = ("contents", "userId")


def connection(evidence: Evidence) -> Check:
    """Hold the server against a replica set that answers quickly."""
    server = evidence.connection
    measured = f"{milliseconds(server.latency_ms)}, the median of {PINGS} questions"
    if server.latency_ms <= LATENCY_TARGET_MS:
        return met("Database connection", measured, "connected")
    finding = Finding(
        title="The database is slow to answer",
        priority=WEEK,
        measured=f"{measured}, target {milliseconds(LATENCY_TARGET_MS)}",
        impact="Every request waits for it, most of them several times.",
        action="See whether it is busy, and whether it runs in this region.",
        command="mixillo db slow --explain",
    )
    return Check("Database connection", DEGRADED, "slow", finding.measured, (finding,))


def migrations(evidence: Evidence) -> Check:
    """Hold the migrations against being applied, all of them."""
    known = evidence.migrations
    open_ones = [entry for entry in known if entry.state != APPLIED]
    measured = f"{len(known) - len(open_ones)} of {len(known)} applied"
    if not open_ones:
        return met("Migrations", measured)
    pending = all(entry.state == PENDING for entry in open_ones)
    finding = Finding(
        title=f"{plural(len(open_ones), 'migration')} {'pending' if pending else 'not well applied'}",
        priority=IMMEDIATE,
        measured=", ".join(f"{entry.name} {entry.state}" for entry in open_ones),
        impact="The code expects indexes and fields that are not there.",
        action="Apply them.",
        command="mixillo db migrate" if pending else "mixillo db status",
    )
    return Check("Migrations", DEGRADED, "pending" if pending else "not well applied", measured, (finding,))


def integrity(evidence: Evidence) -> Check:
    """Hold the last scan against no reference leading nowhere."""
    found = evidence.scan
    if found is None:
        return unmeasured("Data integrity", "mixillo integrity scan")
    sample = (
        f"{plural(len(found['references']), 'reference')} over {plural(found['documents'], 'document')}, "
        f"scanned {moment(found['finishedAt'])}"
    )
    if not found["issues"]:
        return met("Data integrity", f"no issues in {sample}")
    findings = tuple(_orphans(row) for row in found["references"] if row["missing"])
    return Check("Data integrity", DEGRADED, "issues", f"{plural(found['issues'], 'issue')} in {sample}", findings)


def orphans_in_words(row: dict[str, Any]) -> str:
    """Return what a row of the scan found: ``6 contents with invalid creators`` where a creator is meant."""
    if (row["collection"], row["path"]) == CREATOR:
        return f"{count(row['missing'])} contents with invalid creators"
    return f"{count(row['missing'])} {row['collection']} with an invalid {row['path']}"


def _orphans(row: dict[str, Any]) -> Finding:
    reference = f"{row['collection']}.{row['path']}"
    is_reported = row["policy"] == "report"
    action = "reassign" if row["policy"] == "reassign" else "delete"
    plan = f"mixillo integrity plan --action {action} --only {shlex.quote(reference)}"
    return Finding(
        title=orphans_in_words(row),
        priority=WEEK,
        measured=f"{count(row['missing'])} of {plural(row['checked'], 'document')} with {reference} lead nowhere",
        impact=f"They refer to documents of {row['target']} that are deleted or never existed.",
        action="Look at them: money and records are only reported, never repaired by a machine."
        if is_reported
        else "Delete them, or assign them to the system user; either can be undone."
        if action == "reassign"
        else f"Repair them by the reference's policy ({row['policy']}); it can be undone.",
        command="mixillo integrity scan --json" if is_reported else plan,
    )


def indexes(evidence: Evidence) -> Check:
    """Hold the indexes against each other: none superfluous, none missing."""
    notable = [verdict for verdict in evidence.verdicts if verdict.verdict in (*SUPERFLUOUS, MISSING)]
    existing = sum(verdict.verdict != MISSING for verdict in evidence.verdicts)
    if evidence.indexes_sampled_at:
        usage = f"use last read {moment(evidence.indexes_sampled_at)}"
    else:
        usage = "their use was not measured: run `mixillo db audit` daily"
    measured = f"{len(notable)} to look at among {plural(existing, 'index')}"
    if not notable:
        return met("Index health", f"{measured}; {usage}", "no issues")
    findings = tuple(_index(verdict) for verdict in notable)
    return Check("Index health", DEGRADED, "to look at", f"{measured}; {usage}", findings)


def _index(verdict: Verdict) -> Finding:
    keys = ", ".join(f"{field}: {kind}" for field, kind in verdict.keys)
    if verdict.verdict == MISSING:
        return Finding(
            title=f"A composite index is missing on {verdict.collection} ({keys})",
            priority=WEEK,
            measured=verdict.reason,
            impact="The query reads many documents to return few.",
            action="Create it, equality first, then the order, then the range.",
            command=commands.to_create(verdict.collection, verdict.keys),
        )
    return Finding(
        title=f"Index {verdict.name} on {verdict.collection} is superfluous: {verdict.verdict}",
        priority=MONTH,
        measured=verdict.reason,
        impact="Every write pays for it.",
        action="Hide it for a day, then drop it.",
        command=commands.to_hide(verdict.collection, verdict.name),
    )


def slow_queries(evidence: Evidence) -> Check:
    """Hold the recorded slow shapes against none that waits for a look."""
    limit = f"{evidence.settings.slow_query_ms} ms"
    shapes = evidence.slow
    if not evidence.settings.slow_query_ms:
        return unmeasured("Slow queries", "MIXILLO_SLOW_QUERY_MS=100 mixillo serve", "not measured: it is turned off")
    if not shapes:
        return met("Slow queries", f"none took {limit} or longer")
    # What is explained and would be helped is a missing index, which the check of the indexes tells of.
    unexplained = [shape for shape in shapes if shape["suggestion"] and not shape["explained"]]
    first = shapes[0]
    measured = (
        f"{plural(len(shapes), 'shape')} over {limit}, {count(sum(shape['count'] for shape in shapes))} times in all; "
        f"the worst: {first['shown']}, up to {milliseconds(first['maxMs'])}"
    )
    if not unexplained:
        return met("Slow queries", measured, "no index would help")
    finding = Finding(
        title=f"{plural(len(unexplained), 'slow query')} may want a composite index",
        priority=WEEK,
        measured=measured,
        impact="Slow queries hold up everything that waits for the same documents.",
        action="Ask the server how it answers them; the missing indexes are then listed here.",
        command="mixillo db slow --explain",
    )
    return Check("Slow queries", DEGRADED, "to look at", measured, (finding,))


def archive(evidence: Evidence) -> Check:
    """Hold the collections of events against holding nothing older than ``DAYS`` days."""
    sample = f"measured {moment(evidence.growth['takenAt'])}"
    old = evidence.growth["archivable"]
    if not old:
        return met("Old analytics", f"no events older than {DAYS} days, {sample}", "none")
    documents, size = sum(each["documents"] for each in old), sum(each["sizeBytes"] for each in old)
    named = ", ".join(f"{each['collection']} {count(each['documents'])}" for each in old)
    chosen = " ".join(f"--collection {shlex.quote(each['collection'])}" for each in old)
    finding = Finding(
        title=f"Archive analytics older than {DAYS} days",
        priority=MONTH,
        measured=f"{plural(documents, 'document')}, about {kilobytes(size)} KB ({named}), {sample}",
        impact="They grow for ever, and with them memory, indexes and backups.",
        action="Move them into compressed files, which can be brought back.",
        command=f"mixillo db archive --older-than {DAYS} {chosen} --to archive",
    )
    return Check("Old analytics", DEGRADED, "to archive", finding.measured, (finding,))
