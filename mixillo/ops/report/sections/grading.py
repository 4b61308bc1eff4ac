"""How a section is called as a whole: from the checks of its areas."""

from collections.abc import Sequence

from mixillo.ops.report.checks import Check
from mixillo.ops.report.tree import OK, UNKNOWN, Paragraph, worst


def of_areas(checks: Sequence[Check], *areas: str) -> list[Check]:
    """Return the checks of ``areas``."""
    return [check for check in checks if check.area in areas]


def in_words(checks: Sequence[Check]) -> str:
    """Return how many of ``checks`` are met, and how many nothing can be said of."""
    well = sum(check.state == OK for check in checks)
    unknown = sum(check.state == UNKNOWN for check in checks)
    words = f"{well} of {len(checks)} {'check' if len(checks) == 1 else 'checks'} met"
    return f"{words}, {unknown} without data" if unknown else words


def state_of(checks: Sequence[Check]) -> str:
    """Return the worst state among ``checks``."""
    return worst([check.state for check in checks])


def result(checks: Sequence[Check]) -> Paragraph:
    """Return the line that ends a section."""
    return Paragraph(f"Result: {in_words(checks)}.", state_of(checks))
