"""The period that a page shows, from its URL."""

from collections.abc import Mapping

PERIODS = ("1h", "24h", "7d", "30d")
USUAL = "24h"


def chosen(parameters: Mapping[str, str], usual: str = USUAL) -> str:
    """Return the period that the URL names, or the usual one: an old link should still open."""
    named = parameters.get("period", usual)
    return named if named in PERIODS else usual
