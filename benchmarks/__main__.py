"""Run the benchmarks and print their figures: `python -m benchmarks [PART …]`."""

import importlib
import platform
import sys

from rich.console import Console
from rich.table import Table

from mixillo.core import clock
from mixillo.version import VERSION

PARTS = (
    "foundation", "metrics", "backups", "dashboard", "money", "products", "content", "telling", "events", "sockets",
)  # fmt: skip


def main() -> None:
    """Run the parts that are named, or all."""
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.")
    console = Console()
    console.print(f"Mixillo {VERSION}, Python {platform.python_version()}, {clock.timestamp(clock.now())}")
    for part in wanted:
        table = Table("What", "Seen", "Goal", title=part, title_justify="left")
        for row in importlib.import_module(f"benchmarks.{part}").benchmark():
            table.add_row(row.what, row.seen, row.goal)
        console.print(table)


if __name__ == "__main__":
    main()
