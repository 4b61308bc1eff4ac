"""Lists of comments: in order, without gaps or repetition, without those who are not there for their reader."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.comments import make_comment
from tests.factories.content import make_post
from tests.factories.users import make_user

User = dict[str, Any]


def read(client: FlaskClient, path: str, key: str = "comments") -> list[str]:
    """Return the texts of all pages of a list."""
    found: list[str] = []
    cursor = ""
    while True:
        data = client.get(f"{path}{'&' if '?' in path else '?'}limit=2{cursor}").json["data"]
        found += [comment["text"] for comment in data[key]]
        if not data["pagination"]["hasMore"]:
            return found
        cursor = f"&cursor={data['pagination']['nextCursor']}"


def test_pages_neither_repeat_nor_skip_while_comments_arrive(
    client: FlaskClient, db: Database, bob: User, post: dict[str, Any], path: str
) -> None:
    texts = [make_comment(db, bob, post, likesCount=n % 3)["text"] for n in range(7)]
    assert read(client, path) == texts[::-1]
    assert read(client, f"{path}?sortBy=oldest") == texts
    assert read(client, f"{path}?sortBy=top") == [texts[n] for n in (5, 2, 4, 1, 6, 3, 0)]
    first = client.get(f"{path}?limit=3").json["data"]
    assert (first["pagination"]["total"], first["pagination"]["pages"]) == (7, 3)
    make_comment(db, bob, post)
    second = client.get(f"{path}?limit=3&cursor={first['pagination']['nextCursor']}").json["data"]["comments"]
    assert [comment["text"] for comment in second] == texts[3:0:-1]


def test_a_cursor_continues_its_own_list_only(
    client: FlaskClient, db: Database, ada: User, bob: User, post: dict[str, Any], path: str
) -> None:
    for _ in range(3):
        make_comment(db, bob, post)
    cursor = client.get(f"{path}?limit=1").json["data"]["pagination"]["nextCursor"]
    other = make_post(db, ada)
    for elsewhere in (f"{path}?sortBy=top", f"/api/content/{other['_id']}/comments?limit=1", "/api/comments?limit=1"):
        joined = f"{elsewhere}{'&' if '?' in elsewhere else '?'}cursor={cursor}"
        assert client.get(joined).status_code == 400


def test_people_who_are_not_there_for_somebody_say_nothing_to_them(
    app: Flask, db: Database, ada: User, bob: User, cleo: User, post: dict[str, Any], path: str
) -> None:
    gone = make_user(db, status="banned")
    for author in (ada, bob, cleo, gone):
        top = make_comment(db, author, post, text=author["username"])
        make_comment(db, author, post, top, text=f"{author['username']} too")
    of_ada = db["comments"].find_one({"text": "ada"})
    make_comment(db, bob, post, of_ada, text="bob replies")
    db["blockedusers"].insert_one({"userId": bob["_id"], "blockedUserId": cleo["_id"]})
    client, as_cleo, as_bob = app.test_client(), client_of(app, cleo), client_of(app, bob)
    assert read(client, path) == ["cleo", "bob", "ada"]
    assert read(as_cleo, path) == ["cleo", "ada"]
    assert read(as_bob, path) == ["bob", "ada"]
    replies = f"/api/comments/{of_ada['_id']}/replies"
    assert read(as_cleo, replies, "replies") == ["ada too"]
    assert read(as_bob, replies, "replies") == ["ada too", "bob replies"]
    hidden = db["comments"].find_one({"text": "bob"})["_id"]
    assert [c.get(f"/api/comments/{hidden}").status_code for c in (client, as_cleo, as_bob)] == [200, 404, 200]


def test_comments_of_a_person_are_those_on_posts_that_one_may_see(
    app: Flask, as_bob: FlaskClient, as_cleo: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    public, private = make_post(db, ada), make_post(db, bob, visibility="private")
    top = make_comment(db, bob, public, text="shown")
    make_comment(db, bob, private, text="private")
    make_comment(db, bob, public, text="waiting", status="pending")
    make_comment(db, bob, public, text="removed", status="removed")
    make_comment(db, bob, public, top, text="reply")
    of_bob = f"/api/comments?userId={bob['_id']}"
    assert read(as_cleo, of_bob) == read(app.test_client(), of_bob) == ["reply", "shown"]
    assert read(as_bob, of_bob) == ["reply", "waiting", "private", "shown"]
    assert read(as_cleo, "/api/comments") == ["reply", "shown"]
    db["comments"].update_one({"_id": top["_id"]}, {"$set": {"status": "blocked"}})
    assert read(as_cleo, of_bob) == read(as_cleo, "/api/comments") == []
    db["users"].update_one({"_id": bob["_id"]}, {"$set": {"privacySettings.isPrivate": True}})
    assert as_cleo.get(of_bob).status_code == 403


@pytest.mark.parametrize("query", ["limit=0", "sortBy=worst", "contentId=5", "userId=x", "page=0"])
def test_questions_that_make_no_sense_are_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/comments?{query}").status_code == 400


def test_administrators_find_comments_by_status_and_words(
    as_admin: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, post: dict[str, Any]
) -> None:
    for number, status in enumerate(("approved", "pending", "blocked", "removed")):
        make_comment(db, bob, post, text=f"word{number} {status} glaze", status=status)
    make_comment(db, ada, post, text="reported one", isReported=True)
    everything = "/api/comments/admin/all"
    assert read(as_admin, everything) == [
        "reported one",
        "word2 blocked glaze",
        "word1 pending glaze",
        "word0 approved glaze",
    ]
    assert read(as_admin, f"{everything}?status=reported") == ["reported one"]
    assert read(as_admin, f"{everything}?status=removed") == ["word3 removed glaze"]
    assert read(as_admin, f"{everything}?status=pending&userId={bob['_id']}") == ["word1 pending glaze"]
    assert read(as_admin, f"{everything}?userId={ada['_id']}&contentId={post['_id']}") == ["reported one"]
    assert len(read(as_admin, f"{everything}?search=GLAZE")) == 3
    assert read(as_admin, f"{everything}?search=pending glaze") == ["word1 pending glaze"]
    assert read(as_admin, f'{everything}?search=-glaze "word0') == []
    shown = as_admin.get(everything).json["data"]["comments"][1]
    assert (shown["status"], shown["content"]["caption"]) == ("blocked", post["caption"])
    counts = {"total": 4, "approved": 2, "pending": 1, "blocked": 1, "removed": 1, "reported": 1}
    assert as_admin.get("/api/comments/admin/stats").json["data"] == counts
    for path in (everything, "/api/comments/admin/stats", "/api/comments/admin/words"):
        assert as_bob.get(path).status_code == 403
