"""A browser, and what is seen of a page in it."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.system.served import Served

CHROMIUM = "/usr/bin/chromium"
AXE = Path(__file__).parents[1] / "js" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "correct horse battery 42"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# What a browser may say of a page that is as it should be: nothing.
OBSERVE = """
  window.__violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
MARK = "of a test: "
# A machine that many share stalls for seconds.
expect.set_options(timeout=15_000)
Open = Callable[..., Page]


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


def axe(page: Page) -> list[str]:
    """Return every violation that axe-core finds, best practices included."""
    assert AXE.is_file(), "Run `npm ci --prefix tests/system/js` first."
    # Through the debugger, because the page's own policy lets nobody add a script.
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document)")
    return [f"{v['id']}: {v['nodes'][0]['html'][:150]} {v['nodes'][0]['failureSummary']}" for v in found["violations"]]
