"""One line of what a benchmark prints."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, what was seen, and what we aim at."""

    what: str
    seen: str
    goal: str = ""
