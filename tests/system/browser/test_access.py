"""Pages as everybody finds them: axe, phone, keyboard, without a script, and only what one may do."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from pymongo import MongoClient

from tests.dashboard.browsing import PAGE_PATHS
from tests.system.browser.looking import PHONE, Open, axe, be_live, overhang, violations
from tests.system.served import Served

pytestmark = pytest.mark.slow
WALK = (*PAGE_PATHS, "/ops/alerts?rule=errors-fast")


def offers(page: Page) -> list[tuple[str, str]]:
    """Return method and path of every form."""
    # Not `form.action`, which may be a field of that name.
    forms = "all => all.map((f) => [f.getAttribute('method'), new URL(f.getAttribute('action'), location).pathname])"
    found = [(method, path) for method, path in page.eval_on_selector_all("form", forms)]
    assert ("post", "/ops/sign-out") in found
    return found


def may(app: Flask, role: str, method: str, path: str) -> bool:
    """Return whether somebody of ``role`` may send this form."""
    endpoint, _ = app.url_map.bind("").match(path, method=method.upper())
    access = app.view_functions[endpoint].access
    return access.kind == "public" or role in access.roles


@pytest.mark.parametrize("path", WALK)
def test_axe_finds_nothing_in_any_light_at_any_width(open_page: Open, path: str) -> None:
    page = open_page(path, reduced_motion="reduce")
    be_live(page)
    found = {"light": axe(page)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = axe(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    found["phone"] = axe(page)
    assert found == {"light": [], "dark": [], "phone": []}
    assert overhang(page) <= 0
    page.set_viewport_size({"width": 320, "height": 700})
    assert overhang(page) <= 0


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_nobody_is_offered_what_he_may_not_do(open_page: Open, migrated_app: Flask, role: str) -> None:
    page = open_page(role=role, reduced_motion="reduce")
    for path in WALK:
        page.goto(path)
        be_live(page)
        assert [offer for offer in offers(page) if not may(migrated_app, role, *offer)] == [], path
        if role == "viewer":  # the pages of the others differ from an admin's in single buttons
            assert axe(page) == [], path
        assert violations(page) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_before_signing_in(
    live_server: Served,
    data: MongoClient,
    open_browser: Callable[..., BrowserContext],
    complaints: list[str],
    scheme: str,
) -> None:
    page = open_browser(viewport=PHONE, color_scheme=scheme).new_page()
    page.goto(f"{live_server.url}/ops/sign-in")
    assert axe(page) == []
    page.get_by_label("Username").fill("amira")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert axe(page) == []
    page.goto(f"{live_server.url}/ops/nothing-here")
    assert axe(page) == []
    expected = [c for c in complaints if "401" in c or "404" in c]  # the browser logs those answers itself
    assert len(expected) == 2
    for complaint in expected:
        complaints.remove(complaint)


def test_everything_is_reached_and_done_by_keyboard(open_page: Open) -> None:
    page = open_page("/ops")
    be_live(page)
    reached = []
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement !== document.body"):
        reached.append(
            page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                return [e.innerText.trim(), s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2] }"""
            )
        )
        page.keyboard.press("Tab")
    assert reached[0][0] == "Skip to the content"
    names = [name for name, _ in reached]
    for name in ("Overview", "Database", "Infrastructure", "Sign out", "1h", "30d"):
        assert name in names
    unseen = [name for name, ring in reached if not ring]
    assert unseen == []
    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(open_page: Open) -> None:
    page = open_page("/ops", viewport=PHONE)
    expect(page.get_by_role("link", name="Database", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Database", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Database", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Menu")).to_be_focused()


def test_without_a_script_every_page_still_works(open_page: Open) -> None:
    page = open_page("/ops/database", java_script_enabled=False)
    expect(page.locator("#live")).to_have_text("Not live: reload for new figures")
    page.locator("#collections").get_by_role("searchbox").fill("eventtrac")
    page.locator("#collections").get_by_role("searchbox").press("Enter")
    expect(page.locator("#collections tbody tr")).to_have_count(1)
    page.locator("#collections thead").get_by_role("link", name="Documents").click()
    assert "all-sort=documents" in page.url
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_times_are_utc_with_the_local_time_beside_them(open_page: Open) -> None:
    page = open_page("/ops", timezone_id="Asia/Kolkata", locale="en-GB")
    be_live(page)
    # At one moment: a tick may bring another time in between.
    read = "stamp => [stamp.dateTime, stamp.title, stamp.innerText]"
    utc, title, shown = page.locator("#vitals .as-of time").evaluate(read)
    assert utc
    assert title
    assert utc[11:19] in shown
    hours, minutes = int(utc[11:13]), int(utc[14:16])
    local = (hours * 60 + minutes + 330) % 1_440
    assert f"{local // 60:02}:{local % 60:02}" in title
    assert "UTC" in title
