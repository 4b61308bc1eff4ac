"""The database: connection, statistics, top ten, index health, integrity, performance."""

from collections import Counter
from collections.abc import Iterator, Sequence

from mixillo.ops.database import CollectionStats
from mixillo.ops.indexes.verdicts import KEEP, ORDER
from mixillo.ops.report.checks import Check
from mixillo.ops.report.checks.holdings import orphans_in_words
from mixillo.ops.report.evidence import PINGS, Evidence
from mixillo.ops.report.sections.grading import of_areas, result, state_of
from mixillo.ops.report.tree import (
    DEGRADED,
    OK,
    UNKNOWN,
    Block,
    Cell,
    Fact,
    Facts,
    Heading,
    Paragraph,
    Section,
    Table,
    code,
)
from mixillo.ops.report.wording import count, kilobytes, milliseconds, moment, plural

AREAS = ("Database connection", "Migrations", "Data integrity", "Index health", "Slow queries", "Old analytics")
PERFORMANCE = ("Slow queries", "Old analytics")
TOP = 10


def database(evidence: Evidence, checks: Sequence[Check]) -> Section:
    """Tell what the database holds and how well."""
    own = of_areas(checks, *AREAS)
    blocks: list[Block] = [
        Heading("Connection status"),
        Facts(tuple(_connection(evidence))),
        Heading("Database statistics"),
        Facts(tuple(_statistics(evidence))),
        Heading(f"Collection distribution (top {TOP})"),
        _top(evidence.stats.top(TOP)),
        *_indexes(evidence, own),
        *_integrity(evidence, own),
        *_performance(own),
        result(own),
    ]
    return Section("database", "Database", tuple(blocks), state_of(own))


def _connection(evidence: Evidence) -> Iterator[Fact]:
    server, stats = evidence.connection, evidence.stats
    yield Fact("Server", code(server.address), "without what is secret in it")
    yield Fact("Version", Cell(f"MongoDB {stats.server_version}"))
    members = f"{server.replica_set}, {plural(server.members, 'member')}" if server.replica_set else "none"
    yield Fact("Replica set", Cell(members))
    yield Fact("Database", code(stats.name))
    yield Fact("Latency", Cell(milliseconds(server.latency_ms)), f"the median of {PINGS} questions")
    yield Fact("Status", Cell("connected", OK), f"at {moment(evidence.at)}")


def _statistics(evidence: Evidence) -> Iterator[Fact]:
    stats = evidence.stats
    estimated = sum(each.estimated for each in stats.collections)
    note = f"{plural(estimated, 'collection')} over 10,000 documents are estimated" if estimated else "all counted"
    yield Fact("Total collections", Cell(count(len(stats.collections))))
    yield Fact("Total documents", Cell(count(stats.documents)), note)
    yield Fact("Total size", Cell(f"{kilobytes(stats.size_bytes)} KB"), "uncompressed; 1 KB is 1,024 bytes")
    yield Fact("On disk", Cell(f"{kilobytes(stats.storage_bytes)} KB"), "compressed")
    yield Fact("Average document size", Cell(f"{plural(stats.average_bytes, 'byte')}"))
    yield Fact("Indexes", Cell(f"{count(stats.indexes)}, {kilobytes(stats.index_bytes)} KB"))


def _top(largest: list[CollectionStats]) -> Table:
    rows = tuple(
        (
            code(each.name),
            Cell(f"{'about ' if each.estimated else ''}{count(each.documents)}"),
            Cell(kilobytes(each.size_bytes)),
        )
        for each in largest
    )
    return Table("Collections with the most documents", ("Collection", "Documents", "Size (KB)"), rows, numeric=(1, 2))


def _indexes(evidence: Evidence, checks: Sequence[Check]) -> Iterator[Block]:
    (check,) = of_areas(checks, "Index health")
    yield Heading("Index health", check.state, check.word)
    yield Paragraph(f"{check.measured[0].upper()}{check.measured[1:]}.")
    found = Counter(verdict.verdict for verdict in evidence.verdicts)
    yield Facts(tuple(Fact(verdict.capitalize(), Cell(count(found[verdict]))) for verdict in ORDER))
    rows = tuple(
        (
            code(f"{each.collection}/{each.name}"),
            Cell(each.verdict, DEGRADED),
            Cell(each.reason),
            Cell(each.confidence),
        )
        for each in evidence.verdicts
        if each.verdict != KEEP
    )
    if rows:
        yield Table("Indexes to look at", ("Index", "Verdict", "Reason", "Confidence"), rows)


def _integrity(evidence: Evidence, checks: Sequence[Check]) -> Iterator[Block]:
    (check,) = of_areas(checks, "Data integrity")
    yield Heading("Data integrity issues", check.state, check.word)
    yield Paragraph(f"{check.measured[0].upper()}{check.measured[1:]}.")
    broken = [row for row in (evidence.scan or {"references": []})["references"] if row["missing"]]
    if broken:
        yield Table(
            "References that lead nowhere",
            ("Issue", "Reference", "Leads to", "Policy", "Checked", "Missing"),
            tuple(
                (
                    Cell(orphans_in_words(row), DEGRADED),
                    code(f"{row['collection']}.{row['path']}"),
                    code(row["target"]),
                    Cell(row["policy"]),
                    Cell(count(row["checked"])),
                    Cell(count(row["missing"])),
                )
                for row in broken
            ),
            numeric=(4, 5),
        )
    if evidence.scan:
        whole = [row for row in evidence.scan["references"] if not row["missing"]]
        checked = sum(row["checked"] for row in whole)
        words = f"{plural(len(whole), 'other reference')} in {plural(checked, 'document')} lead where they should."
        yield Paragraph(words, OK)


def _performance(checks: Sequence[Check]) -> Iterator[Block]:
    yield Heading("Performance recommendations")
    rows = [
        (Cell(finding.title, DEGRADED), Cell(finding.measured), code(finding.command))
        for check in of_areas(checks, "Index health", *PERFORMANCE)
        for finding in check.findings
    ]
    if rows:
        yield Table("What would make it faster", ("Recommendation", "Measured", "Command"), tuple(rows))
    for check in of_areas(checks, *PERFORMANCE):
        if not check.findings:
            yield Paragraph(f"{check.area}: {check.measured}.", check.state if check.state == UNKNOWN else OK)
