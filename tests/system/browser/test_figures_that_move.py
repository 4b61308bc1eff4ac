"""Figures and events that come by themselves, and spoil nothing that the operator does."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Route, expect
from pymongo import MongoClient
from pymongo.collection import Collection

from tests.system.browser.looking import MARK, Open, be_live, sign_in, wait_in
from tests.system.served import Served

pytestmark = pytest.mark.slow


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
