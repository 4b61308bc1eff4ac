"""Products in a stream: the host's own, there to buy, one shown at a time."""

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.live.services import showcase
from tests.connecting import Connect
from tests.factories.live import make_stream
from tests.factories.products import make_product, make_store
from tests.factories.users import make_user
from tests.live.conftest import Document, code
from tests.waiting import wait_until


@pytest.fixture
def path(stream: Document) -> str:
    return f"/api/live/{stream['_id']}/products"


def test_a_product_is_shown_in_the_room_and_in_the_list(
    connect: Connect, as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: Document, bob: Document,
    stream: Document, path: str,
) -> None:  # fmt: skip
    by_bob = connect(bob)
    by_bob.ask("live:join", {"livestreamId": str(stream["_id"])})
    store = make_store(db, ada)
    first, second = (make_product(db, store) for _ in range(2))
    for product in (first, second, first):
        assert as_ada.post(path, json={"productId": str(product["_id"])}).status_code == 201
    told = wait_until(lambda: len(by_bob.told("live:product")) == 3 and by_bob.told("live:product"))
    assert [each["product"]["name"] for each in told] == [first["name"], second["name"], first["name"]]
    listed = as_bob.get(path).json["data"]
    assert [each["_id"] for each in listed["products"]] == [str(first["_id"]), str(second["_id"])]
    assert listed["pinnedProductId"] == str(first["_id"])
    assert as_ada.delete(f"{path}/{first['_id']}").status_code == 200
    assert wait_until(lambda: by_bob.told("live:product")[3:])[0]["product"] is None
    assert as_ada.delete(f"{path}/{second['_id']}").status_code == 200
    assert as_bob.get(path).json["data"] == {"products": [], "pinnedProductId": None}
    assert len(by_bob.told("live:product")) == 4
    kept = db["liveshoppingsessions"].find_one()
    assert (kept["hostId"], kept["featuredProducts"]) == (ada["_id"], [])


def test_only_ones_own_that_is_there_to_buy_is_shown(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: Document, path: str
) -> None:
    store = make_store(db, ada)
    wrong = [
        make_product(db), make_product(db, store, stock=0), make_product(db, store, stock=3, reserved=3),
        make_product(db, store, isPublished=False, status="draft"),
    ]  # fmt: skip
    for product in wrong:
        assert code(as_ada.post(path, json={"productId": str(product["_id"])})) == "live_product_not_found"
    mine = {"productId": str(make_product(db, store)["_id"])}
    assert code(as_bob.post(path, json=mine)) == "live_not_found"
    assert db["liveshoppingsessions"].count_documents({}) == 0


def test_so_many_and_only_while_on_the_air(
    as_ada: FlaskClient, db: Database, ada: Document, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showcase, "MOST_PRODUCTS", 1)
    store = make_store(db, ada)
    bodies = [{"productId": str(make_product(db, store)["_id"])} for _ in range(2)]
    assert as_ada.post(path, json=bodies[0]).status_code == 201
    assert code(as_ada.post(path, json=bodies[1])) == "live_too_many_products"
    db["livestreams"].update_one({}, {"$set": {"status": "ended"}})
    assert code(as_ada.post(path, json=bodies[0])) == "live_not_on_air"


def test_what_is_sold_in_another_stream_is_its_own(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: Document, path: str
) -> None:
    other = make_stream(db, make_user(db))
    as_ada.post(path, json={"productId": str(make_product(db, make_store(db, ada))["_id"])})
    assert as_bob.get(f"/api/live/{other['_id']}/products").json["data"]["products"] == []
