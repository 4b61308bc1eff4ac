"""Chromium for all tests of this directory, browsers of their own in it, and operators who have signed in."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pymongo import MongoClient
from pymongo.collection import Collection

from mixillo.blueprints.dashboard.access import PLAIN_COOKIE
from mixillo.blueprints.dashboard.services import operators, sessions
from tests.system.browser.looking import CHROMIUM, DESKTOP, MARK, OBSERVE, PASSWORD, Open, violations
from tests.system.served import Served


@pytest.fixture(scope="package")
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
