"""What Elasticsearch is asked, and how its answers are read."""

from typing import Any

import pytest
from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products.services.search.mongo import ORDERS
from tests.factories.products import make_category
from tests.products.elastic.asking import Document, names, search
from tests.products.elastic.server import Elastic, buckets, found, hit


def test_a_page_is_read_with_its_place_and_the_next_begins_there(
    client: FlaskClient, server: Elastic, shop: list[Document]
) -> None:
    throw, shirt, bag = shop
    server.searches = [
        found(hit(shirt, [32.0, 9, "b"], name=["<m>linen</m> shirt"]), hit(bag, [32.0, 5, "a"])),
        found(total=3, aggregations=buckets(categories=[], brands=[("Clay", 3)], bands=[(0, 1), (2, 1), (4, 1)])),
        found(hit(bag, [32.0, 5, "a"]), hit(throw, [8.0, 1, "c"], text=["of <m>linen</m>"])),
    ]
    first = search(client, "linen", limit=1)
    assert (names(first), first["pagination"]["total"], first["correction"]) == (["Linen shirt"], 3, None)
    assert first["products"][0]["highlights"]["name"] == "<em>Linen</em> shirt"
    assert first["facets"]["brands"] == [{"brand": "Clay", "count": 3}]
    assert [(each["from"], each["count"]) for each in first["facets"]["prices"]] == [(0, 1), (25, 1), (100, 1)]
    second = search(client, "linen", limit=1, total="false", facets="false", cursor=first["pagination"]["nextCursor"])
    assert names(second) == ["Linen bag"]
    asked, counted, behind = server.questions()
    assert (asked["size"], asked["from"], "search_after" in asked) == (2, 0, False)
    assert (counted["size"], counted["terminate_after"], counted["track_total_hits"]) == (0, 1000, 1000)
    assert (behind["search_after"], "from" in behind) == ([32.0, 9, "b"], False)
    assert asked["sort"] == [
        {"_score": {"order": "desc"}},
        {"popularity": {"order": "desc"}},
        {"id": {"order": "desc"}},
    ]
    (query,) = {(each.query["preference"], each.query["allow_partial_search_results"]) for each in server.asked}
    assert query == ("mixillo", "false")


def test_every_word_is_asked_for_where_it_stands_and_the_last_may_be_unfinished(
    client: FlaskClient, server: Elastic, shop: list[Document]
) -> None:
    server.searches = [found(hit(shop[0], [1.0, 0, "a"]))]
    search(client, "LINEN thr", total="false", facets="false")
    (asked,) = server.questions()
    boolean = asked["query"]["bool"]
    first, last = (clause["dis_max"]["queries"] for clause in boolean["should"])
    assert (boolean["minimum_should_match"], boolean["filter"]) == (2, [])
    assert [each["constant_score"] for each in first] == [
        {"filter": {"term": {field: {"value": "linen"}}}, "boost": boost}
        for field, boost in (("name", 32), ("labels", 16), ("text", 8))
    ]
    begun = [next(iter(each["constant_score"]["filter"])) for each in last]
    assert begun == ["term"] * 3 + ["prefix"] * 3
    boosts = [each["constant_score"]["boost"] for each in last]
    assert min(boosts[:3]) > max(boosts[3:])


def test_words_that_nothing_has_are_asked_for_with_one_error_and_corrected(
    client: FlaskClient, server: Elastic, shop: list[Document]
) -> None:
    server.searches = [found(), found(hit(shop[0], [1.0, 0, "a"], name=["<m>linen</m> <m>throw</m>"]))]
    data = search(client, "lniem thr", total="false", facets="false")
    assert data["correction"] is None  # that is two errors
    server.searches = [found(), found(hit(shop[0], [1.0, 0, "a"], name=["<m>linen</m> <m>throw</m>"]))]
    data = search(client, "lnien thr", total="false", facets="false")
    assert (names(data), data["correction"]) == (["Linen throw"], "linen thr")
    assert data["products"][0]["highlights"]["name"] == "<em>Linen</em> <em>throw</em>"
    fuzzy = [
        each["constant_score"]["filter"]["fuzzy"]
        for clause in server.questions()[-1]["query"]["bool"]["should"]
        for each in clause["dis_max"]["queries"]
        if "fuzzy" in each["constant_score"]["filter"]
    ]
    assert [each["name"]["fuzziness"] for each in fuzzy if "name" in each] == [1]  # `thr` is too short to guess at
    assert "fuzzy" not in str(server.questions()[0])


def test_what_has_some_of_the_words_is_asked_for_last(
    client: FlaskClient, server: Elastic, shop: list[Document]
) -> None:
    server.searches = [found(), found(), found(hit(shop[0], [1.0, 0, "a"]), hit(shop[1], [1.0, 0, "b"])), found()]
    data = search(client, "linen nowhere", total="false", facets="false", limit=1)
    assert [each["query"]["bool"]["minimum_should_match"] for each in server.questions()] == [2, 2, 1]
    search(client, "linen nowhere", total="false", facets="false", limit=1, cursor=data["pagination"]["nextCursor"])
    # The next page is asked for in the way that found the first, and only so.
    assert len(server.questions()) == 4
    assert server.questions()[3]["query"]["bool"]["minimum_should_match"] == 1
    assert search(client, "nowhere", total="false", facets="false")["products"] == []
    assert len(server.questions()) == 6


def test_filters_are_asked_for_and_do_not_score(client: FlaskClient, server: Elastic, db: Database, shop: Any) -> None:
    category = make_category(db, "Home", slug="home")
    search(
        client, "linen", category="home", minPrice=5, maxPrice=20.5, minRating=4, inStock="true",
        storeId=str(shop[0]["storeId"]), sellerId=str(shop[0]["sellerId"]), total="false", facets="false",
    )  # fmt: skip
    assert server.questions()[0]["query"]["bool"]["filter"] == [
        {"terms": {"category": [str(category["_id"])]}},
        {"range": {"price": {"gte": 5.0, "lte": 20.5}}},
        {"range": {"rating": {"gte": 4.0}}},
        {"term": {"storeId": str(shop[0]["storeId"])}},
        {"term": {"sellerId": str(shop[0]["sellerId"])}},
        {"term": {"inStock": True}},
    ]


@pytest.mark.parametrize(
    ("sort_by", "field", "order"), [(name, keys[0][0], keys[0][1]) for name, keys in ORDERS.items()]
)
def test_other_orders_sort_by_their_field_and_leave_descriptions_out(
    client: FlaskClient, server: Elastic, shop: Any, sort_by: str, field: str, order: int
) -> None:
    search(client, "linen", sortBy=sort_by, total="false", facets="false")
    asked = server.questions()[0]
    direction = {1: "asc", -1: "desc"}[order]
    assert asked["sort"] == [{field: {"order": direction}}, {"id": {"order": direction}}]
    assert "'text'" not in str(asked["query"])


def test_text_of_users_stands_in_no_pattern(client: FlaskClient, server: Elastic, shop: Any) -> None:
    search(client, 'li.*n" OR name:(a|b)~2 linen^9 \\w+', total="false", facets="false")
    asked = str(server.questions())
    assert not [kind for kind in ("regexp", "wildcard", "query_string", "script") if kind in asked]
    assert not [sign for sign in ("*", "|", "^", "~", "\\\\") if sign in asked]


def test_suggestions_are_words_by_how_often_they_are_used(client: FlaskClient, server: Elastic, shop: Any) -> None:
    server.terms = ["linen", "line", "lion", "lin"]
    server.searches = [found(), found(), found(aggregations=buckets(words=[("line", 2), ("linen", 7), ("lion", 2)]))]
    answer = client.get("/api/products/suggest?q=li")
    assert [each["text"] for each in answer.json["data"]["suggestions"]] == ["linen", "line", "lion"]
    (enumerated,) = [each.body for each in server.asked if each.path.endswith("_terms_enum")]
    assert (enumerated["field"], enumerated["string"]) == ("words", "li")
    assert server.questions()[-1]["aggs"]["words"]["terms"]["include"] == ["lin", "line", "linen", "lion"]


def test_what_it_finds_and_is_no_longer_on_sale_is_not_shown(
    client: FlaskClient, server: Elastic, db: Database, shop: list[Document]
) -> None:
    db["products"].update_one({"_id": shop[0]["_id"]}, {"$set": {"isPublished": False}})
    server.searches = [
        found(hit(shop[0], [1.0, 0, "a"]), hit(shop[1], [1.0, 0, "b"]), hit({"_id": ObjectId()}, [1, 0, "c"]))
    ]
    assert names(search(client, "linen", total="false", facets="false")) == ["Linen shirt"]
