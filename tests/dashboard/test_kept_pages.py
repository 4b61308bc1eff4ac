"""A page is put together once for all who open it within a moment, and each of them gets it as their own."""

import gzip
import re
import threading
from datetime import timedelta

import pytest
from flask import Flask

from mixillo.blueprints.dashboard import rendering
from mixillo.blueprints.dashboard.access import LIVE_HEADER
from mixillo.blueprints.dashboard.keeping import KEPT, KeptPages
from mixillo.blueprints.dashboard.measuring import FRESH_ENOUGH, SILENT, Measured, outage
from mixillo.blueprints.dashboard.routes import report as report_page
from mixillo.core import clock
from tests.dashboard.browsing import Browse, Forward, csrf_of

RULE = "/ops/alerts?rule=errors-fast"


@pytest.fixture(autouse=True)
def keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep pages as in production."""
    monkeypatch.setattr(rendering, "FRESH_ENOUGH", FRESH_ENOUGH)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What grows whenever the Report page asks the database."""
    seen: list[object] = []
    real = report_page.reports.frozen
    monkeypatch.setattr(report_page.reports, "frozen", lambda ops: seen.append(ops) or real(ops))
    return seen


def test_a_page_is_put_together_once_and_again_when_it_is_too_old(
    browser: Browse, forward: Forward, asked: list[object]
) -> None:
    first, second = browser("viewer"), browser("viewer", username="bilal", full_name="Bilal Aziz")
    pages = [first.get("/ops/report").text, second.get("/ops/report").text]
    assert len(asked) == 1
    assert "Amira Haddad" in pages[0]
    assert "Bilal Aziz" in pages[1]
    assert "Amira" not in pages[1]
    forward(FRESH_ENOUGH + timedelta(seconds=1))
    first.get("/ops/report")
    assert len(asked) == 2


def test_everybody_gets_their_own_form_token_and_nonce(browser: Browse) -> None:
    first, second = browser("operator"), browser("operator", username="bilal")
    pages = [browser.get(RULE) for browser in (first, second, second)]
    tokens = [set(re.findall(r"[0-9a-f]{64}", page.text)) for page in pages]
    assert [len(found) for found in tokens] == [1, 1, 1]
    assert tokens[0] != tokens[1] == tokens[2]
    nonces = [set(re.findall(r'nonce="([^"]+)"', page.text)) for page in pages]
    assert len(set.union(*nonces)) == 3
    for page, found in zip(pages, nonces, strict=True):
        assert f"'nonce-{found.pop()}'" in page.headers["Content-Security-Policy"]
    form = {"csrf_token": csrf_of(pages[2]), "for": "1h", "reason": "trying"}
    assert second.post("/ops/alerts/errors-fast/silence", data=form).status_code == 303


def test_a_name_is_a_text_in_a_kept_page_too(browser: Browse) -> None:
    browser("viewer").get("/ops/report")
    page = browser("viewer", username="bilal", full_name="Bilal <b>Aziz</b> & Sons").get("/ops/report").text
    assert "Bilal &lt;b&gt;Aziz&lt;/b&gt; &amp; Sons" in page


def test_no_role_sees_what_was_put_together_for_another(browser: Browse) -> None:
    admin, viewer = browser("admin"), browser("viewer", username="bilal")
    assert "Silence for" in admin.get(RULE).text
    assert "Silence for" not in viewer.get(RULE).text


def test_what_one_has_done_is_on_the_next_page_for_everybody(browser: Browse) -> None:
    operator, other = browser("operator"), browser("operator", username="bilal")
    assert "until" not in _card(other.get(RULE).text)
    form = {"csrf_token": csrf_of(operator.get(RULE)), "for": "1h", "reason": "a planned move"}
    operator.post("/ops/alerts/errors-fast/silence", data=form)
    for asking in (other, operator, operator, other):
        assert "a planned move" in _card(asking.get(RULE).text)


def test_a_notice_is_told_once_and_to_one_person_only(browser: Browse) -> None:
    operator, other = browser("operator"), browser("operator", username="bilal")
    form = {"csrf_token": csrf_of(operator.get(RULE)), "for": "1h", "reason": "a planned move"}
    operator.post("/ops/alerts/errors-fast/silence", data=form)
    told = [asking.get("/ops/alerts").text.count('role="alert"') for asking in (operator, operator, other)]
    assert told == [1, 0, 0]


def test_a_card_that_was_told_of_a_change_is_put_together_anew(browser: Browse, asked: list[object]) -> None:
    viewer = browser("viewer")
    live = {"HX-Request": "true", LIVE_HEADER: "report_list"}
    viewer.get("/ops/report")
    viewer.get("/ops/report", headers=live)
    viewer.get("/ops/report", headers=live)
    assert len(asked) == 3


def test_other_filters_are_another_page(browser: Browse) -> None:
    viewer = browser("viewer")
    assert [
        f'value="{word}"' in viewer.get(f"/ops/database?all-search={word}").text for word in ("users", "carts")
    ] == [
        True,
        True,
    ]


def test_a_page_without_figures_is_not_kept(
    browser: Browse, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer, real = browser("viewer"), report_page.reports.frozen
    monkeypatch.setattr(report_page, "once", lambda _work: lambda: failed())

    def failed() -> Measured:
        outage.failures += 1
        return Measured(None, clock.now(), SILENT)

    assert SILENT in viewer.get("/ops/report").text
    monkeypatch.undo()
    assert report_page.reports.frozen is not real
    assert SILENT not in viewer.get("/ops/report").text


def test_whoever_comes_while_a_page_is_put_together_waits_for_it(app: Flask) -> None:
    pages, began, go_on = KeptPages(), threading.Event(), threading.Event()
    texts: list[str] = []

    def slowly() -> str:
        began.set()
        go_on.wait(10)
        return "slowly"

    since = clock.now()
    threads = [threading.Thread(target=lambda: texts.append(pages.get("page", since, slowly)))]
    threads[0].start()
    assert began.wait(10)
    threads += [threading.Thread(target=lambda: texts.append(pages.get("page", since, lambda: "twice")))]
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert texts == ["slowly", "slowly"]


def test_no_more_than_a_few_pages_are_kept() -> None:
    pages, since = KeptPages(), clock.now()
    for number in range(KEPT + 1):
        assert pages.get(number, since, lambda: "first") == "first"
    assert pages.get(KEPT, since, lambda: "again") == "first"
    assert pages.get(0, since, lambda: "again") == "again"


def test_pages_are_sent_compressed_to_browsers_that_read_that(browser: Browse) -> None:
    viewer = browser("viewer")
    plain = viewer.get("/ops/report")
    packed = viewer.get("/ops/report", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert b"<h1>Report</h1>" in gzip.decompress(packed.data)
    assert "Content-Encoding" not in viewer.head("/ops/report").headers


def _card(page: str) -> str:
    found = re.search(r'<section class="card[^"]*" id="rule".*?</dl>', page, re.S)
    assert found
    return found[0]
