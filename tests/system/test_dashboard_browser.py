"""The dashboard in a real browser on a real server: policy, keyboard, phone, axe, figures that move."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from pymongo import MongoClient
from pymongo.collection import Collection

from mixillo.blueprints.dashboard.access import PLAIN_COOKIE
from mixillo.blueprints.dashboard.services import operators, sessions
from tests.dashboard.browsing import PAGE_PATHS
from tests.system.served import Served

pytestmark = pytest.mark.slow

CHROMIUM = "/usr/bin/chromium"
AXE = Path(__file__).parent / "js" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "correct horse battery 42"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# What a browser may say of a page that is as it should be: nothing.
OBSERVE = """
  window.__violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""

WALK = (*PAGE_PATHS, "/ops/alerts?rule=errors-fast")
MARK = "of a test: "
# A machine that many share stalls for seconds.
expect.set_options(timeout=15_000)

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def data(live_server: Served) -> Iterator[MongoClient]:
    """The live server's databases, with one operator who may do everything."""
    with MongoClient(live_server.mongo_uri, tz_aware=True) as client:
        ops = client["mixillo_ops"]
        ops["operators"].delete_many({})
        operators.create(
            ops,
            username="amira",
            email="amira@example.com",
            full_name="Amira Haddad",
            role="admin",
            password=PASSWORD,
        )
        yield client
        for name in ("operators", "operatorsessions", "setuplinks"):
            ops[name].delete_many({})


@pytest.fixture
def things(data: MongoClient) -> Iterator[Collection]:
    """The largest collection; documents whose id begins with ``MARK`` are gone afterwards."""
    collection = data["mixillo"]["eventtrackings"]
    yield collection
    collection.delete_many({"_id": {"$regex": f"^{MARK}"}})


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complained of; the test fails when it did."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def open_browser(chromium: Browser, complaints: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """A browser of its own, whose complaints are heard: ``open_browser(viewport=PHONE, color_scheme="dark")``."""
    contexts: list[BrowserContext] = []

    def listen(page: Page) -> None:
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))

    def make(**options: Any) -> BrowserContext:
        context = chromium.new_context(viewport=options.pop("viewport", DESKTOP), **options)
        context.add_init_script(OBSERVE)
        context.on("page", listen)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        for page in context.pages:
            if page.url.startswith("http"):
                complaints.extend(violations(page))
        context.close()


@pytest.fixture
def open_page(live_server: Served, data: MongoClient, open_browser: Callable[..., BrowserContext]) -> Open:
    """A page for somebody who has just signed in, as an admin unless ``role`` says otherwise."""
    ops = data["mixillo_ops"]

    def go(path: str = "/ops", role: str = "admin", **options: Any) -> Page:
        ops["operators"].update_one({"username": "amira"}, {"$set": {"role": role}})
        [amira] = operators.everybody(ops)
        cookie = sessions.start(ops, amira, address="127.0.0.1", agent="chromium")
        context = open_browser(base_url=live_server.url, **options)
        strict = {"httpOnly": True, "sameSite": "Strict"}
        context.add_cookies([{"name": PLAIN_COOKIE, "value": cookie, "url": live_server.url, **strict}])
        page = context.new_page()
        page.goto(path)
        return page

    return go


def sign_in(page: Page, server: Served, path: str = "/ops") -> None:
    page.goto(f"{server.url}{path}")
    page.get_by_label("Username").fill("amira")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{server.url}{path}")


def be_live(page: Page) -> None:
    """Wait until the page is told of changes."""
    expect(page.locator("#live")).to_have_text(re.compile("Live"))


def wait_in(page: Page, condition: Callable[[], object]) -> None:
    """Wait for ``condition`` while the browser goes on."""
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)


def violations(page: Page) -> list[str]:
    """Return what the page's policy has refused."""
    found: list[str] = page.evaluate("window.__violations")
    return found


def overhang(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    found: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


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


def axe(page: Page) -> list[str]:
    """Return every violation that axe-core finds, best practices included."""
    assert AXE.is_file(), "Run `npm ci --prefix tests/system/js` first."
    # Through the debugger, because the page's own policy lets nobody add a script.
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document)")
    return [f"{v['id']}: {v['nodes'][0]['html'][:150]} {v['nodes'][0]['failureSummary']}" for v in found["violations"]]


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


def test_a_user_who_registers_moves_the_figures_of_an_open_page_within_three_seconds(
    open_page: Open, live_server: Served, data: MongoClient
) -> None:
    page = open_page("/ops/database")
    be_live(page)
    page.evaluate("window.__same = true")
    shown = page.locator('#collections [data-figure="users documents"]')
    before = int(shown.inner_text().replace(",", ""))
    name = f"ticker{int(time.time())}"
    started = time.monotonic()
    live_server.register(name)
    expect(shown).to_have_text(f"{before + 1:,}", timeout=3_000)
    assert time.monotonic() - started < 3
    assert page.evaluate("window.__same") is True
    data["mixillo"]["users"].delete_one({"username": name})


def test_ticks_come_again_and_again_and_spoil_nothing_that_the_operator_does(
    open_page: Open, things: Collection
) -> None:
    page = open_page("/ops/database?all-sort=name")
    be_live(page)
    search = page.locator("#all-search")
    search.click()
    search.press_sequentially("eventtrac")
    expect(page.locator("#collections tbody tr")).to_have_count(1)
    assert "all-search=eventtrac" in page.url
    before = things.count_documents({})
    for number in range(1, 4):
        things.insert_one({"_id": f"{MARK}{number}"})
        expect(page.locator('#collections [data-figure="eventtrackings documents"]')).to_have_text(
            f"{before + number:,}"
        )
    expect(search).to_be_focused()
    expect(search).to_have_value("eventtrac")
    search.press_sequentially("k")
    expect(search).to_have_value("eventtrack")
    assert "all-sort=name" in page.url


def test_what_is_typed_while_its_card_is_replaced_is_searched_for(open_page: Open, things: Collection) -> None:
    page = open_page("/ops/database")
    be_live(page)
    search = page.locator("#all-search")
    for typed, rows in (("eventtrac", 1), ("nothing is called so", 0), ("eventtrackings", 1)):
        # As if the form had gone before it could send what was typed.
        search.evaluate("(box, typed) => { box.value = typed }", typed)
        things.insert_one({"_id": f"{MARK}{typed}"})
        expect(page.locator("#collections tbody tr")).to_have_count(rows)
        expect(search).to_have_value(typed)


def test_a_search_whose_answer_comes_after_fresh_cards_keeps_its_box(open_page: Open, things: Collection) -> None:
    page = open_page("/ops/database")
    be_live(page)
    search = page.locator("#all-search")
    held: dict[str, Route] = {}

    def hold(route: Route) -> None:
        kind = "search" if "all-search=" in route.request.url else "tick"
        route.continue_() if kind in held else held.update({kind: route})

    page.route("**/ops/database*", hold)
    things.insert_one({"_id": MARK})
    wait_in(page, lambda: "tick" in held)
    search.click()
    search.press_sequentially("eventtrac")
    wait_in(page, lambda: "search" in held)
    page.evaluate("document.getElementById('top').classList.add('before')")
    held["tick"].continue_()
    expect(page.locator("#top:not(.before)")).to_be_visible()
    held["search"].continue_()
    expect(page.locator("#collections tbody tr")).to_have_count(1)
    expect(search).to_be_focused()
    expect(search).to_have_value("eventtrac")


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


def test_a_page_without_a_socket_polls_and_says_so(
    live_server: Served, data: MongoClient, open_browser: Callable[..., BrowserContext], complaints: list[str]
) -> None:
    context = open_browser()
    context.route("**/socket.io/**", lambda route: route.abort())
    page = context.new_page()
    sign_in(page, live_server, "/ops/database")
    expect(page.locator("#live")).to_have_text("Polling every 10 s")
    things = data["mixillo"]["eventtrackings"]
    before = things.count_documents({})
    things.insert_one({"_id": "polled"})
    shown = page.locator('#collections [data-figure="eventtrackings documents"]')
    expect(shown).to_have_text(f"{before + 1:,}", timeout=15_000)
    things.delete_one({"_id": "polled"})
    assert {c for c in complaints if "ERR_FAILED" in c} == set(complaints)  # the requests that the test refused
    complaints.clear()


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


def test_live_events_come_wait_while_paused_and_are_filtered(open_page: Open, data: MongoClient) -> None:
    page = open_page("/ops/events")
    be_live(page)
    things, rows = data["mixillo"]["things"], page.locator("#stream li", has_text="things")
    deadline = time.monotonic() + 10
    while not rows.count():
        assert time.monotonic() < deadline
        things.insert_one({})
        page.wait_for_timeout(300)
    page.get_by_role("button", name="Pause").click()
    shown = page.locator("#stream li").count()
    things.insert_one({})
    expect(page.locator("#stream-state")).to_have_text(re.compile(r"^Paused: [1-9]\d* wait"))
    assert page.locator("#stream li").count() == shown
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#stream-state")).to_have_text(re.compile("shown of"))
    assert page.locator("#stream li").count() > shown
    page.get_by_label("database").uncheck()
    expect(rows).to_have_count(0)
    assert "kind=database" not in page.url
    assert "kind=audit" in page.url
    page.reload()
    expect(page.get_by_label("database")).not_to_be_checked()
    data["mixillo"].drop_collection("things")


def test_a_flood_of_events_fills_neither_the_page_nor_its_memory(open_page: Open) -> None:
    page = open_page("/ops/events")
    be_live(page)
    page.evaluate(
        """() => { for (let i = 0; i < 3000; i += 1) document.dispatchEvent(new CustomEvent("ops:event", { detail:
        { id: `x${i}`, at: new Date().toISOString(), kind: "socket", name: "n", summary: "<b>bold</b>" } })) }"""
    )
    expect(page.locator("#stream li")).to_have_count(500)
    expect(page.locator("#stream-state")).to_have_text(re.compile(r"2,?5\d\d older ones were dropped"))
    assert page.locator("#stream b").count() == 0
