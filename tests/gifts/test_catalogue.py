"""The catalogue: what can be given now, found by what people look for, in the names of all clients."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import clock
from tests.factories.gifts import ROSE, make_gift
from tests.factories.users import unknown_id

HOUR = timedelta(hours=1)


def names(client: FlaskClient, path: str) -> list[str]:
    return [gift["name"] for gift in client.get(f"/api/gifts{path}").json["data"]["gifts"]]


def test_a_gift_is_shown_under_the_names_of_all_clients(client: FlaskClient, db: Database) -> None:
    gift = make_gift(db, 10.0, animation="float", isFeatured=True)
    (shown,) = client.get("/api/gifts").json["data"]["gifts"]
    assert (shown["price"], shown["coinPrice"], shown["icon"], shown["imageUrl"]) == (10, 10, ROSE, ROSE)
    assert (shown["isActive"], shown["active"], shown["isFeatured"], shown["featured"]) == (True, True, True, True)
    assert (shown["animation"], shown["animationUrl"], shown["_id"], shown["id"]) == (
        "float",
        None,
        str(gift["_id"]),
        str(gift["_id"]),
    )


def test_counts_of_what_was_sent_stay_out_of_the_catalogue(client: FlaskClient, db: Database) -> None:
    make_gift(db, timesSent=5, popularity=5, totalRevenue=50)
    (shown,) = client.get("/api/gifts").json["data"]["gifts"]
    assert not {"timesSent", "popularity", "totalRevenue"} & shown.keys()


def test_an_old_document_is_shown_with_what_it_lacks(client: FlaskClient, db: Database) -> None:
    db["gifts"].insert_one({"name": "Old", "icon": "🌹", "price": 4.0, "isActive": True, "sortOrder": 0})
    (shown,) = client.get("/api/gifts").json["data"]["gifts"]
    assert (shown["rarity"], shown["category"], shown["creatorEarningsPercent"]) == ("common", "standard", 70)


def test_what_is_not_sold_now_is_not_listed(client: FlaskClient, db: Database) -> None:
    now = clock.now()
    make_gift(db, name="sold", availableFrom=now - HOUR, availableUntil=now + HOUR)
    make_gift(db, name="withdrawn", isActive=False)
    make_gift(db, name="early", availableFrom=now + HOUR)
    make_gift(db, name="late", availableUntil=now - HOUR)
    for path in ("", "/popular", "/seasonal", "/mongodb", "/mongodb/popular", "/mongodb/seasonal"):
        assert names(client, path) == ["sold"], path


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["a", "b", "c"]),
        ("?rarity=epic", ["b", "c"]),
        ("?category=party", ["a", "b"]),
        ("?rarity=epic&category=party", ["b"]),
        ("?minPrice=20", ["b", "c"]),
        ("?maxPrice=20", ["a", "b"]),
        ("?minPrice=20&maxPrice=20", ["b"]),
        ("?limit=2", ["a", "b"]),
        ("?limit=2&page=2", ["c"]),
        ("?somethingElse=1", ["a", "b", "c"]),
    ],
)
def test_the_list_is_filtered(client: FlaskClient, db: Database, query: str, found: list[str]) -> None:
    make_gift(db, 10, name="a", category="party", rarity="rare", sortOrder=1)
    make_gift(db, 20, name="b", category="party", rarity="epic", sortOrder=2)
    make_gift(db, 30, name="c", category="places", rarity="epic", sortOrder=3)
    assert names(client, query) == found


def test_a_cursor_goes_on_although_time_has_passed(client: FlaskClient, db: Database) -> None:
    for number in range(5):
        make_gift(db, name=str(number), sortOrder=number)
    page: dict[str, Any] = {"nextCursor": ""}
    seen: list[str] = []
    while page is not None and page["nextCursor"] is not None:
        cursor = f"&cursor={page['nextCursor']}" if page["nextCursor"] else ""
        data = client.get(f"/api/gifts?limit=2{cursor}").json["data"]
        seen += [gift["name"] for gift in data["gifts"]]
        page = data["pagination"]
    assert seen == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("query", ["?rarity=shiny", "?minPrice=-1", "?limit=0", "?minPrice=x", "?category="])
def test_a_filter_that_means_nothing_is_a_400(client: FlaskClient, db: Database, query: str) -> None:
    assert client.get(f"/api/gifts{query}").status_code == 400


def test_popular_is_what_was_sent_most_often(client: FlaskClient, db: Database) -> None:
    for popularity, name in ((1, "few"), (9, "many"), (5, "some")):
        make_gift(db, name=name, popularity=popularity)
    assert names(client, "/popular") == ["many", "some", "few"]
    assert names(client, "/popular?limit=1") == ["many"]


def test_seasonal_is_what_has_a_season_or_is_limited(client: FlaskClient, db: Database) -> None:
    now = clock.now()
    make_gift(db, name="always")
    make_gift(db, name="limited", isLimitedEdition=True, sortOrder=1)
    make_gift(db, name="since", availableFrom=now - HOUR, sortOrder=2)
    make_gift(db, name="until", availableUntil=now + HOUR, sortOrder=3)
    assert names(client, "/seasonal") == ["limited", "since", "until"]


def test_a_gift_is_shown_by_its_id_even_when_it_is_not_sold_any_more(client: FlaskClient, db: Database) -> None:
    gift = make_gift(db, isActive=False)
    answer = client.get(f"/api/gifts/{gift['_id']}")
    assert (answer.status_code, answer.json["data"]["gift"]["isActive"]) == (200, False)
    assert client.get(f"/api/gifts/{unknown_id()}").status_code == 404
    assert client.get("/api/gifts/rose").status_code == 400


def test_a_client_that_has_the_catalogue_need_not_get_it_again(client: FlaskClient, db: Database) -> None:
    gift = make_gift(db)
    for path in ("/api/gifts", "/api/gifts/popular", "/api/gifts/seasonal", f"/api/gifts/{gift['_id']}"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code, again.data) == (200, 304, b""), path


def test_the_old_paths_name_their_successors(client: FlaskClient, db: Database) -> None:
    gift = make_gift(db)
    for path in ("", "/popular", "/seasonal", f"/{gift['_id']}"):
        answer = client.get(f"/api/gifts/mongodb{path}")
        assert answer.status_code == 200
        assert answer.headers["Link"] == f'</api/gifts{path}>; rel="successor-version"'
        assert "Deprecation" in answer.headers
