"""The tables of the Integrity page: references, reasons of a plan, scans, runs, documents that were left alone."""

from collections.abc import Mapping, Sequence

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.queries.integrity import Run, Stored
from mixillo.blueprints.dashboard.tables import Column, Table, number, word
from mixillo.core import clock

SAMPLES_SHOWN = 3


def _ids(samples: Sequence[Stored]) -> str:
    return ", ".join(str(sample["id"]) for sample in samples)


REFERENCES = (
    word("reference", "Reference", lambda r: r["name"]),
    word("target", "Leads to", lambda r: r["target"]),
    word("policy", "Policy", lambda r: r["policy"], "What a repair does when the target is gone"),
    Column(
        "checked", "Checked", lambda r: -1 if r["checked"] is None else r["checked"],
        lambda r: "no collection" if r["checked"] is None else formats.count(r["checked"]),
        hint="Documents that hold the reference", cell=lambda r: r["checked"],
    ),
    number("missing", "Missing", lambda r: r["missing"], "Documents with an id that leads nowhere"),
    Column(
        "samples", "Samples", lambda r: _ids(r["samples"]), lambda r: _ids(r["samples"][:SAMPLES_SHOWN]), numeric=False,
        hint="Ids of such documents; the CSV has up to ten",
    ),
)  # fmt: skip
REASONS = (
    word("reference", "Reference", lambda r: r["reference"]),
    word("operation", "What is done", lambda r: r["operation"]),
    word("because", "Because", lambda r: "it hangs on what is deleted" if r["dependent"] else "it leads nowhere"),
    number("documents", "Documents", lambda r: r["documents"]),
    Column(
        "samples", "Samples", lambda r: ", ".join(map(str, r["samples"])),
        lambda r: ", ".join(map(str, r["samples"][:SAMPLES_SHOWN])), numeric=False,
    ),
)  # fmt: skip
SCANS = (
    Column(
        "startedAt", "Started (UTC)", lambda s: clock.timestamp(s["startedAt"]),
        lambda s: f"{s['startedAt']:%Y-%m-%d %H:%M}", numeric=False,
    ),
    number("issues", "Issues", lambda s: s["issues"], "Documents per reference that lead nowhere"),
    number("documents", "Documents", lambda s: s["documents"]),
    Column("seconds", "Took", lambda s: s["seconds"], lambda s: formats.duration(s["seconds"])),
    number("resumed", "Resumed", lambda s: s["resumed"], "How often it was interrupted and taken up again"),
)  # fmt: skip
RUNS = (
    word("run", "Run", lambda r: str(r.document["_id"])),
    word("plan", "Plan", lambda r: str(r.document["planId"])),
    word("action", "Action", lambda r: r.document["action"]),
    word("state", "State", lambda r: r.document["state"]),
    word("actor", "By", lambda r: r.document["actor"]["name"]),
    word("startedAt", "Started (UTC)", lambda r: clock.timestamp(r.document["startedAt"])),
    number("deleted", "Deleted", lambda r: r.document["deleted"]),
    number("changed", "Changed", lambda r: r.document["changed"]),
    number("skipped", "Left alone", lambda r: r.document["skipped"]),
    number("restored", "Restored", lambda r: (r.document["undo"] or {}).get("restored", 0)),
    number("kept", "Kept", lambda r: (r.document["undo"] or {}).get("kept", 0)),
)


def references(found: Sequence[Stored], parameters: Mapping[str, str]) -> Table:
    """Return references, those that lead nowhere most often first."""
    return Table.of("references", REFERENCES, found, order="-missing", parameters=parameters)


def reasons(plan: Stored, parameters: Mapping[str, str]) -> Table:
    """Return what a plan does for which reason."""
    return Table.of("plan", REASONS, plan.get("references", ()), order="-documents", parameters=parameters)


def scans(found: Sequence[Stored], parameters: Mapping[str, str]) -> Table:
    """Return scans of before."""
    return Table.of("scans", SCANS, found, order="-startedAt", parameters=parameters)


def runs(found: Sequence[Run], parameters: Mapping[str, str]) -> Table:
    """Return runs, for the CSV."""
    return Table("runs", RUNS, found, "", "", len(found), parameters)
