"""The sample client in two real browsers on a real server: they chat, like and give; one is cut, and misses nothing."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.system.browser.looking import OBSERVE, PHONE, axe, overhang, violations
from tests.system.served import Served

pytestmark = pytest.mark.slow
# What a browser may say in the console of a page whose connection was cut.
CUT_OFF = re.compile("ERR_INTERNET_DISCONNECTED|WebSocket is closed|WebSocket connection")


@pytest.fixture
def open_window(chromium: Browser, live_server: Served) -> Iterator[Callable[..., Page]]:
    """A window of a browser of its own; what it complained of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def heard(kind: str, text: str) -> None:
        if kind in ("error", "warning") and not CUT_OFF.search(text):
            complaints.append(text)

    def make(path: str = "/live-demo", **options: object) -> Page:
        context = chromium.new_context(base_url=live_server.url, **options)  # type: ignore[arg-type]
        context.add_init_script(OBSERVE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard(message.type, message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield make
    for context in contexts:
        complaints.extend(violations(context.pages[0]))
        context.close()
    assert complaints == []


def enter(page: Page, name: str) -> None:
    page.get_by_label("You are").fill(name)
    page.get_by_role("button", name="Enter").click()


def be_connected(page: Page) -> None:
    expect(page.locator("#state")).to_have_text("Connected")


def say(page: Page, text: str) -> None:
    page.get_by_label("Say something").fill(text)
    page.keyboard.press("Enter")


def texts(page: Page) -> Locator:
    return page.locator("#lines .text")


@pytest.fixture
def windows(open_window: Callable[..., Page]) -> tuple[Page, Page]:
    """Ada on the air, and Bob who watches on a phone in the dark."""
    ada = open_window()
    enter(ada, "Ada Marlow")
    ada.get_by_role("button", name="Go live").click()
    be_connected(ada)
    bob = open_window(ada.url, viewport=PHONE, color_scheme="dark")
    enter(bob, "Bob Winter")
    be_connected(bob)
    return ada, bob


def test_two_windows_chat_like_and_give(windows: tuple[Page, Page]) -> None:
    ada, bob = windows
    for page in windows:
        expect(page.locator("#viewers")).to_have_text("1")
    say(ada, "Welcome!")
    say(bob, "What glaze is it?")
    for page in windows:
        expect(texts(page)).to_have_text(["Welcome!", "What glaze is it?"])
    for _ in range(7):
        bob.get_by_role("button", name="Like").click()
    for page in windows:
        expect(page.locator("#likes")).to_have_text("7")
    bob.get_by_role("button", name="Rose").click()
    expect(bob.get_by_role("alert")).to_contain_text(re.compile("coins", re.I))  # none yet: the ledger refuses
    bob.get_by_role("button", name="Get 500").click()
    expect(bob.locator("#balance")).to_have_text("500")
    bob.get_by_role("button", name="Rose").click()
    expect(bob.locator("#balance")).to_have_text("490")
    for page in windows:
        expect(page.locator("#lines .gift")).to_have_count(1)
        expect(page.locator("#given")).to_have_text("10")
    expect(ada.locator("#balance")).to_have_text("7")
    assert [axe(page) for page in windows] == [[], []]
    assert [overhang(page) <= 0 for page in windows] == [True, True]


def test_the_host_pins_mutes_and_ends_and_a_newcomer_finds_it_so(
    windows: tuple[Page, Page], open_window: Callable[..., Page]
) -> None:
    ada, bob = windows
    say(bob, "First!")
    line = ada.locator("#lines li").first
    line.hover()
    line.get_by_role("button", name="Pin").click()
    for page in windows:
        expect(page.locator("#pinned")).to_contain_text("First!")
    line.hover()
    line.get_by_role("button", name="Mute").click()
    expect(bob.locator("#text")).to_be_disabled()
    bob.reload()
    be_connected(bob)
    expect(bob.locator("#text")).to_be_disabled()
    carol = open_window(ada.url)
    enter(carol, "Carol Quill")
    expect(carol.locator("#pinned")).to_contain_text("First!")
    expect(texts(carol)).to_have_text(["First!"])
    ada.get_by_role("button", name="End", exact=True).click()
    for page in (ada, bob, carol):
        expect(page.locator("#status")).to_have_text("Ended")


def test_who_was_cut_off_hears_what_was_said_meanwhile_in_order_once(windows: tuple[Page, Page]) -> None:
    ada, bob = windows
    said = ["0"]
    say(ada, "0")
    expect(texts(bob)).to_have_text(said)
    for by_network in (True, False):
        cut(bob, by_network)
        meanwhile = [f"{len(said) + n}" for n in range(5)]
        for text in meanwhile:
            say(ada, text)
        expect(texts(ada)).to_have_text([*said, *meanwhile])
        expect(texts(bob)).to_have_text(said)
        say(bob, f"I am away: {by_network}")  # waits, and is said once when we are back
        come_back(bob, by_network)
        said += [*meanwhile, f"I am away: {by_network}"]
        for page in windows:
            expect(texts(page)).to_have_text(said)
    bob.get_by_text("What the wire says").click()
    assert bob.locator("#heard .again").count() >= 10
    say(ada, "the last")
    for page in windows:
        expect(texts(page)).to_have_text([*said, "the last"])


def cut(page: Page, by_network: bool) -> None:
    """Cut the connection: the network's way, in which nobody says goodbye, or by the button."""
    if by_network:
        page.context.set_offline(True)
        # What was open stays open in an emulated outage.
        page.evaluate("window.dispatchEvent(new Event('offline'))")
        expect(page.locator("#state")).to_have_text("Reconnecting")
    else:
        page.get_by_role("button", name="Cut my connection").click()
        expect(page.locator("#state")).to_have_text("Cut off by you")


def come_back(page: Page, by_network: bool) -> None:
    if by_network:
        page.context.set_offline(False)
    else:
        page.get_by_role("button", name="Connect again").click()
    be_connected(page)
