"""The stabilization report, measured: built once as a tree, written as Markdown, HTML or JSON, kept as it was."""

from mixillo.ops.report.building import build
from mixillo.ops.report.frozen import find, freeze, frozen, job
from mixillo.ops.report.rendering import to_html, to_markdown
from mixillo.ops.report.tree import Report

__all__ = ["Report", "build", "find", "freeze", "frozen", "job", "to_html", "to_markdown"]
