"""Writing a report: Markdown and a standalone HTML file from the same tree.

Whatever is written into a template is escaped unless it is marked as escaped already, so that a collection with a
hostile name can neither break a table nor add markup.
"""

import base64
import hashlib
import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from mixillo.core import json as api_json
from mixillo.ops.report.tree import DEGRADED, DOWN, NONE, OK, UNKNOWN, Cell, Report

TEMPLATES = Path(__file__).parents[2] / "templates"
MARKS = {OK: "✅ ", DEGRADED: "⚠️ ", DOWN: "❌ ", UNKNOWN: "⏳ ", NONE: ""}
# What means something to Markdown: code that we let through, what even a backslash does not keep out of a table (as
# entities), emphasis, links and mentions, addresses that would become links, and what begins a block.
SPECIAL = re.compile(
    r"(?P<code>(?<!`)`(?! )[^`|\\<>&]+(?<! )`(?!`))|(?P<entity>[|\\`&<>])"
    r"|(?P<escape>[*\[\]~$@]|(?<![^\W_])_|_(?![^\W_])|(?<=:)/(?=/)|(?<=www)\."
    r"|^[-+=#](?!\d)|(?<=^\d)[.)](?!\d)|(?<=^\d\d)[.)](?!\d))"
)
IN_TICKS = re.compile(r"`([^`]+)`")
UNSAFE_IN_CODE = re.compile(r"[`|\\]|^ | $|^$")
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
EMOJI_JOINERS = "\u200d\ufe0f"


class Verbatim(str):
    """Markdown that needs no escaping."""

    __slots__ = ()


def to_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown."""
    return _markdown().get_template("report/report.md").render(report=report)


def to_html(report: Report) -> str:
    """Return the report as one HTML file without scripts, for the screen and for paper."""
    style = (TEMPLATES / "report" / "report.css").read_text("utf-8")
    return _html().get_template("report/report.html").render(report=report, style=style, policy=policy_of(style))


def to_json(report: Report) -> str:
    """Return the tree as JSON."""
    return json.dumps(json.loads(api_json.dumps(report.as_dict())), indent=1, ensure_ascii=False)


def policy() -> str:
    """Return the content security policy of the HTML file: its own style, and nothing else."""
    return policy_of((TEMPLATES / "report" / "report.css").read_text("utf-8"))


def policy_of(style: str) -> str:
    """Return the policy that lets in ``style`` and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def escaped(value: Any) -> str:
    """Return ``value`` as text of one line in which Markdown sees nothing special."""
    if isinstance(value, Verbatim):
        return value
    return SPECIAL.sub(_safe, plain(str(value)))


def plain(text: str) -> str:
    """Return ``text`` in one line, without characters that cannot be seen or turn others round."""
    kept = (c if c in EMOJI_JOINERS or unicodedata.category(c) not in INVISIBLE else " " for c in text)
    return " ".join("".join(kept).split())


def cell(value: Cell) -> Verbatim:
    """Return a piece of text in Markdown, with the mark of its state."""
    return Verbatim(MARKS[value.state] + (in_code(value.text) if value.is_code else escaped(value.text)))


def in_code(text: str) -> Verbatim:
    """Return ``text`` as code; text that could end the code or the cell is escaped in its place."""
    return Verbatim(escaped(text) if UNSAFE_IN_CODE.search(plain(text)) else f"`{plain(text)}`")


def mark(state: str) -> Verbatim:
    """Return the mark of a state."""
    return Verbatim(MARKS[state])


def rule(numeric: bool) -> Verbatim:
    """Return the line under a table's heading."""
    return Verbatim("---:" if numeric else "---")


def coded(text: str) -> Markup:
    """Return ``text`` for HTML with what stands between backticks as code."""
    return Markup(IN_TICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped right here


def _safe(found: re.Match[str]) -> str:
    if found["entity"]:
        return f"&#{ord(found[0])};"
    return found[0] if found["code"] else f"\\{found[0]}"


@cache
def _markdown() -> Environment:
    environment = Environment(  # noqa: S701  Markdown; `finalize` escapes for it
        loader=FileSystemLoader(TEMPLATES),
        finalize=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {"cell": cell, "mark": mark, "rule": rule}
    return environment


@cache
def _html() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["coded"] = coded
    return environment
