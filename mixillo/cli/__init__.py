"""The command line: `mixillo serve`, `mixillo db …`, `mixillo data …` and the commands that features bring."""

from mixillo.cli.main import main

__all__ = ["main"]
