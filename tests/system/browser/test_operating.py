"""What operators do: come in, find, repair, probe, and sign out."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from pymongo import MongoClient

from mixillo.blueprints.dashboard.services import operators
from tests.system.browser.looking import PASSWORD, PHONE, Open, axe, be_live
from tests.system.served import Served

pytestmark = pytest.mark.slow


def test_the_first_operator_comes_in_by_the_link_that_was_printed(
    live_server: Served, open_browser: Callable[..., BrowserContext], data: MongoClient
) -> None:
    data["mixillo_ops"]["operators"].delete_many({})
    settings = type("Address", (), {"base_url": live_server.url})()
    link = operators.setup_link(data["mixillo_ops"], settings)
    page = open_browser(viewport=PHONE).new_page()
    page.goto(link)
    assert axe(page) == []
    page.get_by_label("Full name").fill("Bilal <b>Aziz</b>")
    page.get_by_label("Email").fill("bilal@example.com")
    page.get_by_label("Username").fill("bilal")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create and sign in").click()
    page.wait_for_url(f"{live_server.url}/ops")
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_text("Bilal <b>Aziz</b>")).to_be_visible()


def test_sorting_is_a_link_with_a_history(open_page: Open) -> None:
    page = open_page("/ops/database")
    be_live(page)
    first = page.locator("#collections tbody th").first
    expect(first).to_have_text("eventtrackings")
    page.locator("#collections thead").get_by_role("link", name="Collection").click()
    expect(first).not_to_have_text("eventtrackings")
    assert page.url.endswith("?all-sort=name")
    page.go_back()
    expect(first).to_have_text("eventtrackings")
    page.reload()
    expect(first).to_have_text("eventtrackings")


def test_a_link_on_another_site_opens_the_page_for_who_is_signed_in(
    open_page: Open, live_server: Served, tmp_path: Path
) -> None:
    page = open_page("/ops")
    elsewhere = f"http://localhost:{live_server.port}/api/docs"  # another site than 127.0.0.1
    page.goto(elsewhere)
    page.evaluate(f"location.assign('{live_server.url}/ops/database')")
    page.wait_for_url(f"{live_server.url}/ops/database")
    expect(page.get_by_role("heading", name="Database", exact=True)).to_be_visible()


def test_signing_out_in_one_tab_ends_the_other(open_page: Open, live_server: Served, complaints: list[str]) -> None:
    page = open_page("/ops")
    be_live(page)
    other = page.context.new_page()
    other.goto(f"{live_server.url}/ops")
    be_live(other)
    other.get_by_role("button", name="Sign out").click()
    expect(page.locator("#live")).to_have_text("Signed out: reload to sign in")
    complaints[:] = [c for c in complaints if "401" not in c]  # it may have asked before it was told


def test_broken_references_are_found_repaired_and_brought_back_without_reloading(
    open_page: Open, data: MongoClient
) -> None:
    contents = data["mixillo"]["contents"]
    before = list(contents.find().sort("_id", 1))
    page = open_page("/ops/integrity")
    be_live(page)
    page.get_by_role("button", name="Scan now").click()
    expect(page.locator("#references tbody th")).to_have_text(["contents.userId"], timeout=20_000)
    page.get_by_role("button", name="Make a plan").click()
    be_live(page)
    typed = page.locator("#plan").get_by_label("Type delete 6")
    expect(typed).to_be_visible(timeout=20_000)
    typed.fill("delete 7")
    page.get_by_role("button", name="Apply").click()
    assert page.evaluate("document.querySelector('#plan .deed form').checkValidity()") is False
    typed.fill("delete")
    page.evaluate("document.getElementById('plan').classList.add('before')")
    expect(page.locator("#plan:not(.before)")).to_be_visible(timeout=15_000)  # the card has been replaced meanwhile
    expect(typed).to_have_value("delete")
    expect(typed).to_be_focused()
    typed.press_sequentially(" 6")
    typed.press("Enter")
    expect(page.locator("#repairs summary").first).to_contain_text("6 deleted", timeout=20_000)
    assert contents.count_documents({}) == 0
    assert axe(page) == []
    page.locator("#repairs").get_by_label("Type undo 6").fill("undo 6")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#repairs summary").first).to_contain_text("6 restored", timeout=20_000)
    assert list(contents.find().sort("_id", 1)) == before


def test_probes_run_with_a_progress_bar_that_moves(open_page: Open) -> None:
    page = open_page("/ops/probes")
    be_live(page)
    page.get_by_role("button", name="Run probes").click()
    be_live(page)
    bar = page.get_by_role("progressbar", name="Probes")
    expect(bar).to_be_visible()
    first = bar.get_attribute("value") or "0"
    expect(page.locator(f"progress:not([value='{first}'])")).to_be_visible(timeout=20_000)
    expect(page.locator("#probe_run .figure.large")).to_have_text(
        re.compile(r"^\d+/\d+, \d+\.\d\d\s%$"), timeout=90_000
    )
    fold = page.locator("#probe_results details").first
    fold.locator("summary").click()
    page.evaluate("document.getElementById('probe_results').classList.add('before')")
    expect(page.locator("#probe_results:not(.before)")).to_be_visible(timeout=15_000)
    expect(fold).to_have_attribute("open", "")  # what is unfolded stays so
    assert axe(page) == []
