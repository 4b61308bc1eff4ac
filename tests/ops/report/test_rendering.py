"""Whatever people, databases and servers are called: a report stays the document that it is."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mixillo.ops.report import Report, to_html, to_markdown
from mixillo.ops.report.rendering import escaped, in_code, plain, policy
from mixillo.ops.report.tree import Cell, Fact, Facts, Heading, Items, Paragraph, Section, Table

HOSTILE = [
    "a|b", "`code`", "``", "`0``0`", "\\|", "<script>alert(1)</script>", "&lt;b&gt;", "![x](http://evil)",
    "[x](javascript:1)",
    "# title", "- item", "1. item", "12) item", "> quote", "***", "---", "a\nb", "a\r\n\r\n| x | y |\n", "_em_ *st*",
    "$1$", "~~no~~", "\u202eevil", "x\u0000y", "a\\", "`", "|", "\\`|`", "<!--", "]]>", "&#124;", "@everyone",
    "http://evil.example/x", "www.evil.example", "a `b|c` d", "{{ 7 * 7 }}", "{% raw %}", "\" onload=\"x", "'", "",
    "  ", "=", "+ x", "\t", "``` x", "<http://evil>", "*", "a*b*c",
]  # fmt: skip
READER = MarkdownIt("commonmark").enable("table")
names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40), st.text("|`\\<>&*_[]#-\n", max_size=12))


def document(name: str) -> Report:
    """Return a small report in which everything is called ``name``."""
    table = Table(name, (name, "b"), ((Cell(name), Cell(name, "ok")), (Cell(name, is_code=True), Cell("end"))), (1,))
    facts = Facts((Fact(name, Cell(name), name), Fact("n", Cell(name, "down", is_code=True))))
    items = Items((Cell(name), Cell("end")))
    blocks = (Heading(name, "ok", name), Paragraph(f"Said: {name}"), facts, table, Heading("next"), items, table)
    sections = Section("one", name, blocks, "down", name), Section("two", "Two", blocks)
    return Report(datetime(2025, 11, 14, tzinfo=UTC), "24h", name, name, name, "ok", name, facts, sections)


def shape(tokens: list[Token]) -> list[str]:
    """Return the kinds of blocks in order."""
    return [token.type for token in tokens]


def inline(tokens: list[Token]) -> set[str]:
    """Return the kinds of pieces of text."""
    return {child.type for token in tokens for child in token.children or ()}


@settings(max_examples=200)
@given(name=names.filter(plain))
def test_no_name_changes_the_blocks_of_the_markdown(name: str) -> None:
    harmless = READER.parse(to_markdown(document("harmless")))
    hostile = READER.parse(to_markdown(document(name)))
    assert shape(hostile) == shape(harmless)
    assert inline(hostile) <= {"text", "code_inline", "strong_open", "strong_close", "em_open", "em_close",
                               "text_special"}  # fmt: skip


@settings(max_examples=500)
@given(name=names)
def test_a_cell_says_what_the_name_is(name: str) -> None:
    table = f"| {escaped(name)} | {in_code(name)} | end |\n| --- | --- | --- |\n"
    cells = [token for token in READER.parse(table) if token.type == "inline"]
    said = ["".join(child.content for child in token.children or ()) for token in cells]
    bare = re.sub(r"(?<!`)`(?! )([^`|\\<>&]+)(?<! )`(?!`)", r"\1", plain(name))
    assert said[0].split() == bare.split()
    assert said[1].split() in (plain(name).split(), bare.split())
    assert said[2] == "end"


@pytest.mark.parametrize("name", [name for name in HOSTILE if plain(name)])
def test_no_name_becomes_markup_in_html(name: str) -> None:
    expected, found = Tags(), Tags()
    expected.feed(to_html(document("harmless")))
    found.feed(to_html(document(name)))
    assert [tag for tag in found.tags if tag[0] != "code"] == [tag for tag in expected.tags if tag[0] != "code"]


def test_the_html_file_is_allowed_its_own_style_and_nothing_else(report: Report) -> None:
    page = Tags()
    text = to_html(report)
    page.feed(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not {name for _, attributes in page.tags for name in attributes if name == "style" or name.startswith("on")}
    assert page.policy == policy()
    assert text.count("<style>") == 1


def test_every_table_of_the_whole_report_has_as_many_cells_in_each_row(report: Report) -> None:
    for lines in re.findall(r"(?:^\|.*\n)+", to_markdown(report), re.M):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines.splitlines()}) == 1
    tables = [block for section in report.sections for block in section.blocks if isinstance(block, Table)]
    assert sum(token.type == "table_open" for token in READER.parse(to_markdown(report))) == len(tables)


class Tags(HTMLParser):
    """The tags of a page with the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.policy: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"]
