"""The Live page in a real browser on a real server: it changes by itself, and a stream is ended on it by hand."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pymongo import MongoClient

from tests.factories.live import make_stream
from tests.sockets import Socket
from tests.system.browser.looking import Open, axe, be_live, overhang
from tests.system.served import Served
from tests.waiting import wait_until

pytestmark = pytest.mark.slow


def figure(page: Page, name: str) -> Any:
    return page.locator(f'#live_now [data-figure="{name}"]')


def test_streams_and_sockets_show_within_three_seconds_and_a_stream_is_ended_by_hand(
    open_page: Open, live_server: Served, data: MongoClient
) -> None:
    database, name = data["mixillo"], f"host{int(time.time())}"
    token = live_server.register(name)["token"]
    host = database["users"].find_one({"username": name})
    assert host
    page = open_page("/ops/live")
    be_live(page)
    page.evaluate("window.__same = true")
    sockets, on_air = (int(figure(page, each).inner_text()) for each in ("Sockets", "On the air"))

    started = time.monotonic()
    viewer = Socket(live_server.url, {"token": token})
    expect(figure(page, "Sockets")).to_have_text(str(sockets + 1), timeout=4_000)
    assert time.monotonic() - started < 3

    started = time.monotonic()
    stream = make_stream(database, host, title="Kiln at night")
    expect(figure(page, "On the air")).to_have_text(str(on_air + 1), timeout=4_000)
    assert time.monotonic() - started < 3
    assert viewer.ask("live:join", {"livestreamId": str(stream["_id"])})["ok"]
    assert viewer.ask("live:chat", {"livestreamId": str(stream["_id"]), "text": "Hello"})["ok"]
    row = page.locator("#live_streams tr", has_text=f"@{name}")
    expect(row.locator('[data-figure$="messagesPerSecond"]')).to_have_text("0.1", timeout=4_000)
    assert page.evaluate("window.__same") is True
    assert axe(page) == []

    row.get_by_role("link").click()
    page.get_by_label("Reason").fill("Against the rules")
    page.get_by_label(re.compile("Type end")).fill(f"end @{name}")
    assert axe(page) == []
    assert overhang(page) <= 0
    page.get_by_role("button", name="End the stream").click()
    expect(page.get_by_role("alert")).to_have_text(f"The stream of @{name} has ended.")
    wait_until(lambda: viewer.told("stream:ended"))
    assert viewer.told("stream:ended")[0]["reason"] == "Against the rules"
    viewer.close()
    expect(figure(page, "Sockets")).to_have_text(str(sockets), timeout=6_000)
    database["livestreams"].delete_many({"_id": stream["_id"]})
    database["livemessages"].delete_many({"livestreamId": stream["_id"]})
    database["users"].delete_one({"username": name})
