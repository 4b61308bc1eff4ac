"""The probe tells the stories of the shop to a real server, and sees what no single request shows."""

from collections.abc import Iterator

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.coupons.services import redeeming
from mixillo.blueprints.orders.services import returning
from mixillo.config import Settings
from mixillo.ops.probes import ProbeRun, run
from mixillo.ops.probes.accounts import InDatabase
from mixillo.ops.probes.model import FAIL, PASS
from tests.ops.probes.conftest import serving, whole
from tests.ops.probes.digests import contents

# Each run asks a few hundred things of a real server.
pytestmark = pytest.mark.slow

BUYING = "scenario: buy → deliver → review → send back"


@pytest.fixture
def url(app: Flask, db: Database, settings: Settings) -> Iterator[str]:
    with serving(whole(settings)) as served:
        yield served


def states(found: ProbeRun) -> dict[str, str]:
    return {endpoint.name: endpoint.state for endpoint in found.endpoints}


def test_what_takes_a_paid_or_delivered_order_is_seen_in_stories_of_which_nothing_stays(
    url: str, db: Database, ops_db: Database
) -> None:
    before = contents(db, ops_db)
    found = run(url, accounts=InDatabase(db, ops_db), module="orders")
    assert set(states(found).values()) == {PASS}
    assert {BUYING, "scenario: order → pay elsewhere → give money back"} <= states(found).keys()
    assert contents(db, ops_db) == before


def test_applicants_are_turned_down_and_taken_on(url: str, db: Database, ops_db: Database) -> None:
    found = run(url, accounts=InDatabase(db, ops_db), module="stores")
    assert set(states(found).values()) == {PASS}


@pytest.mark.parametrize(
    ("module", "story", "seen"),
    [
        ("products", "offer → approve → see what goes with it", ["GET /api/products/{slug}/related"]),
        (
            "cart",
            "fill and empty it by the older paths",
            ["PUT /api/cart/{item_id}", "DELETE /api/cart/{item_id}", "DELETE /api/cart/remove/{product_id}"],
        ),
        (
            "coupons",
            "make a coupon → use it → cancel",
            ["GET /api/coupons/featured", "GET /api/coupons/search", "GET /api/coupons/usage-history"],
        ),
    ],
)
def test_carts_and_coupons_are_seen_in_stories_of_which_nothing_stays(
    url: str, db: Database, ops_db: Database, module: str, story: str, seen: list[str]
) -> None:
    before = contents(db, ops_db)
    found = states(run(url, accounts=InDatabase(db, ops_db), module=module))
    assert {name: found[name] for name in (f"scenario: {story}", *seen)} == dict.fromkeys(
        [f"scenario: {story}", *seen], PASS
    )
    assert contents(db, ops_db) == before


def test_a_coupon_that_is_not_given_back_with_its_order_is_found(
    url: str, db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redeeming, "give_back", lambda *_each: None)
    found = run(url, accounts=InDatabase(db, ops_db), module="coupons")
    story = next(endpoint for endpoint in found.endpoints if endpoint.name.startswith("scenario"))
    assert [case.name for case in story.cases if case.state == FAIL] == ["remove the coupon"]


def test_money_that_does_not_come_back_with_the_goods_is_found(
    url: str, db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returning, "accept", returning.decline)
    found = run(url, accounts=InDatabase(db, ops_db), module="orders")
    story = next(endpoint for endpoint in found.endpoints if endpoint.name == BUYING)
    assert [case.name for case in story.cases if case.state == FAIL] == ["take back", "the money is back"]
