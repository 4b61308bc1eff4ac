"""What a report is made of: sections of a few kinds of blocks, with text that is not escaped for anything yet."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

OK, DEGRADED, DOWN, UNKNOWN, NONE = "ok", "degraded", "down", "unknown", ""
WORST_FIRST = (DOWN, DEGRADED, UNKNOWN, OK)


@dataclass(frozen=True)
class Cell:
    """A piece of text; ``state`` marks it as good or bad, ``is_code`` as a name or a command."""

    text: str
    state: str = NONE
    is_code: bool = False


@dataclass(frozen=True)
class Heading:
    """The title of a part of a section; ``word`` says its state."""

    text: str
    state: str = NONE
    word: str = ""
    kind: str = "heading"


@dataclass(frozen=True)
class Paragraph:
    """A sentence or two."""

    text: str
    state: str = NONE
    kind: str = "paragraph"


@dataclass(frozen=True)
class Fact:
    """A name, what it is, and where that comes from."""

    name: str
    cell: Cell
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """Facts, one to a line."""

    facts: tuple[Fact, ...]
    kind: str = "facts"


@dataclass(frozen=True)
class Items:
    """A list of pieces of text."""

    items: tuple[Cell, ...]
    kind: str = "items"


@dataclass(frozen=True)
class Table:
    """Rows under headings; the columns whose numbers are in ``numeric`` are aligned to the right."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    kind: str = "table"


Block = Heading | Paragraph | Facts | Items | Table


@dataclass(frozen=True)
class Section:
    """A chapter of the report."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    state: str = NONE
    word: str = ""


@dataclass(frozen=True)
class Report:
    """The whole report: of which revision and database, over which window, built when."""

    at: datetime
    period: str
    revision: str
    environment: str
    database: str
    state: str
    sentence: str
    basis: Facts
    sections: tuple[Section, ...]
    title: str = field(default="Mixillo backend stabilization report")

    def as_dict(self) -> dict[str, Any]:
        """Return the tree as it is stored and as ``--format json`` prints it."""
        return asdict(self)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Report":
        """Return the report that :meth:`as_dict` took apart."""
        sections = tuple(
            Section(**section | {"blocks": tuple(_block(block) for block in section["blocks"])})
            for section in stored["sections"]
        )
        return cls(**stored | {"basis": _facts(stored["basis"]), "sections": sections})


def code(text: str) -> Cell:
    """Return a name or a command."""
    return Cell(text, is_code=True)


def worst(states: list[str]) -> str:
    """Return the worst of ``states``; what is unknown is worse than what is well, and better than what is not."""
    return next((state for state in WORST_FIRST if state in states), UNKNOWN)


def _block(stored: dict[str, Any]) -> Block:
    if stored["kind"] == "facts":
        return _facts(stored)
    if stored["kind"] == "table":
        rows = tuple(tuple(Cell(**cell) for cell in row) for row in stored["rows"])
        changed = {"headings": tuple(stored["headings"]), "numeric": tuple(stored["numeric"]), "rows": rows}
        return Table(**stored | changed)
    if stored["kind"] == "items":
        return Items(tuple(Cell(**cell) for cell in stored["items"]))
    return Heading(**stored) if stored["kind"] == "heading" else Paragraph(**stored)


def _facts(stored: dict[str, Any]) -> Facts:
    return Facts(tuple(Fact(**fact | {"cell": Cell(**fact["cell"])}) for fact in stored["facts"]))
