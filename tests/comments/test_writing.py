"""Comments are written, answered, changed and removed; a post counts what is shown on it, at every moment."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.comments.services import counting, writing
from mixillo.core import realtime
from mixillo.core.ratelimits import Rate
from tests.factories.comments import counters_equal_rows, make_comment
from tests.factories.content import make_post
from tests.factories.users import make_follow, unknown_id
from tests.killing import Killed, kill_before_the_answer_is_kept, let_a_minute_pass

User = dict[str, Any]


def said(client: FlaskClient, path: str, text: str = "Lovely", **body: Any) -> dict[str, Any]:
    answer = client.post(path, json={"text": text} | body)
    assert answer.status_code == 201, answer.json
    return answer.json["data"]["comment"]


def counted(db: Database, post: dict[str, Any]) -> int:
    return db["contents"].find_one({"_id": post["_id"]})["commentsCount"]


def test_a_comment_is_shown_with_its_author_under_both_paths(
    as_bob: FlaskClient, client: FlaskClient, db: Database, post: dict[str, Any], path: str, bob: User, ada: User
) -> None:
    answer = as_bob.post(path, json={"text": "  What a glaze, @ADA and @nobody!  "})
    made = answer.json["data"]["comment"]
    assert answer.json["data"]["commentsCount"] == 1
    assert answer.headers["Location"] == f"/api/comments/{made['_id']}"
    assert (made["text"], made["userId"], made["username"]) == (
        "What a glaze, @ADA and @nobody!",
        str(bob["_id"]),
        "bob",
    )
    assert made["mentions"] == [str(ada["_id"])]
    assert made["parentId"] is None
    for listing in (path, path.replace("content", "posts"), f"/api/comments?contentId={post['_id']}", "/api/comments"):
        (shown,) = client.get(listing).json["data"]["comments"]
        assert shown == made
    assert client.get(f"/api/comments/{made['_id']}").json["data"]["comment"] == made


def test_a_repeated_key_comments_once(as_bob: FlaskClient, db: Database, post: dict[str, Any], path: str) -> None:
    answers = [as_bob.post(path, json={"text": "Once"}, headers={"Idempotency-Key": "k"}) for _ in range(3)]
    assert len({answer.data for answer in answers}) == 1
    assert (db["comments"].count_documents({}), counted(db, post)) == (1, 1)


def test_a_comment_whose_worker_was_killed_is_not_written_twice(
    as_bob: FlaskClient,
    db: Database,
    ops_db: Database,
    post: dict[str, Any],
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kill_before_the_answer_is_kept(monkeypatch)
    with pytest.raises(Killed):
        as_bob.post(path, json={"text": "Once"}, headers={"Idempotency-Key": "k"})
    let_a_minute_pass(ops_db)
    answer = as_bob.post(path, json={"text": "Once"}, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json["data"]["commentsCount"]) == (201, 1)
    assert (db["comments"].count_documents({}), counted(db, post)) == (1, 1)


def test_a_comment_that_cannot_be_counted_is_none(
    as_bob: FlaskClient, db: Database, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> int:
        raise RuntimeError

    monkeypatch.setattr(counting, "of_post", fail)
    assert as_bob.post(path, json={"text": "Hello"}).status_code == 500
    assert db["comments"].count_documents({}) == 0


def test_replies_stand_below_the_comment_on_top_and_remember_whom_they_answer(
    as_ada: FlaskClient, as_bob: FlaskClient, client: FlaskClient, db: Database, post: dict[str, Any], path: str
) -> None:
    top = said(as_bob, path)
    first = said(as_ada, path, parentCommentId=top["_id"])
    second = said(as_bob, path.replace("comments", "comment"), parentId=first["_id"])
    assert [first["parentId"], second["parentId"]] == [top["_id"], top["_id"]]
    assert [first["replyToId"], second["replyToId"]] == [top["_id"], first["_id"]]
    (shown,) = client.get(path).json["data"]["comments"]
    assert (shown["repliesCount"], counted(db, post)) == (2, 3)
    replies = client.get(f"/api/comments/{top['_id']}/replies").json["data"]["replies"]
    assert [reply["_id"] for reply in replies] == [first["_id"], second["_id"]]
    counters_equal_rows(db)


def test_what_is_not_on_the_post_cannot_be_answered_there(
    as_bob: FlaskClient, db: Database, ada: User, bob: User, path: str
) -> None:
    elsewhere = make_comment(db, bob, make_post(db, ada))
    blocked = make_comment(db, bob, db["contents"].find_one({}), status="blocked")
    for parent in (elsewhere["_id"], blocked["_id"], unknown_id()):
        answer = as_bob.post(path, json={"text": "Hi", "parentId": str(parent)})
        assert (answer.status_code, answer.json["code"]) == (404, "comment_not_found")


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "   "}, {"text": "x" * 1001}, {"text": 5},
                                  {"text": "x", "likesCount": 9}, {"text": "x", "parentId": {"$gt": ""}}])  # fmt: skip
def test_what_is_no_comment_is_refused(as_bob: FlaskClient, db: Database, path: str, body: dict[str, Any]) -> None:
    assert as_bob.post(path, json=body).status_code == 400
    assert db["comments"].count_documents({}) == 0


def test_nobody_comments_on_what_they_may_not_see(
    app: Flask, as_bob: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    for fields in ({"visibility": "private"}, {"visibility": "friends"}, {"status": "draft"}, {"isDeleted": True}):
        hidden = make_post(db, ada, **fields)
        assert as_bob.post(f"/api/content/{hidden['_id']}/comments", json={"text": "Hi"}).status_code == 404
        assert as_bob.get(f"/api/content/{hidden['_id']}/comments").status_code == 404
        assert as_bob.get(f"/api/comments?contentId={hidden['_id']}").status_code == 404
    post = make_post(db, ada)
    db["blockedusers"].insert_one({"userId": ada["_id"], "blockedUserId": bob["_id"]})
    assert as_bob.post(f"/api/content/{post['_id']}/comments", json={"text": "Hi"}).status_code == 404


def test_authors_say_who_may_comment(
    app: Flask, as_ada: FlaskClient, as_bob: FlaskClient, as_admin: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    closed = make_post(db, ada, allowComments=False)
    answer = as_bob.post(f"/api/content/{closed['_id']}/comments", json={"text": "Hi"})
    assert (answer.status_code, answer.json["code"]) == (403, "comments_closed")
    said(as_ada, f"/api/content/{closed['_id']}/comments")
    said(as_admin, f"/api/content/{closed['_id']}/comments")

    post = make_post(db, ada)
    path = f"/api/content/{post['_id']}/comments"
    for audience, follows, status in (("none", True, 403), ("followers", False, 403), ("followers", True, 201)):
        db["users"].update_one({"_id": ada["_id"]}, {"$set": {"privacySettings.allowComments": audience}})
        db["follows"].delete_many({})
        if follows:
            make_follow(db, bob, ada)
        assert as_bob.post(path, json={"text": "Hi"}).status_code == status, (audience, follows)


def test_only_its_author_changes_a_comment_and_administrators_leave_a_trace(
    as_bob: FlaskClient, as_ada: FlaskClient, as_admin: FlaskClient, ops_db: Database, path: str, cleo: User
) -> None:
    made = said(as_bob, path)
    at = f"/api/comments/{made['_id']}"
    changed = as_bob.put(at, json={"text": "Hello @cleo"}).json["data"]["comment"]
    assert (changed["text"], changed["isEdited"], changed["mentions"]) == ("Hello @cleo", True, [str(cleo["_id"])])
    assert changed["editedAt"]
    assert as_ada.put(at, json={"text": "Mine"}).status_code == 404
    assert as_admin.put(at, json={"text": "Tidied"}).json["data"]["comment"]["text"] == "Tidied"
    (entry,) = ops_db["auditlog"].find({"action": "comment.edited"})
    assert entry["changes"] == {"before": {"text": "Hello @cleo"}, "after": {"text": "Tidied"}}


def test_its_author_the_posts_author_and_administrators_remove_a_comment(
    app: Flask,
    as_ada: FlaskClient,
    as_bob: FlaskClient,
    as_cleo: FlaskClient,
    as_admin: FlaskClient,
    db: Database,
    ops_db: Database,
    post: dict[str, Any],
    path: str,
) -> None:
    for remover in (as_ada, as_bob, as_admin):
        top = said(as_bob, path)
        said(as_cleo, path, parentId=top["_id"])
        assert counted(db, post) == 2
        assert as_cleo.delete(f"/api/comments/{top['_id']}").status_code == 404
        assert remover.delete(f"{path}/{top['_id']}").json["data"] == {"commentsCount": 0}
        assert remover.delete(f"/api/comments/{top['_id']}").status_code == 404
        assert as_bob.get(f"/api/comments/{top['_id']}/replies").status_code == 404
        counters_equal_rows(db)
    assert as_bob.get("/api/comments").json["data"]["comments"] == []
    assert ops_db["auditlog"].count_documents({"action": "comment.removed"}) == 1


def test_a_comment_is_removed_from_its_own_post_only(as_bob: FlaskClient, db: Database, ada: User, path: str) -> None:
    made, other = said(as_bob, path), make_post(db, ada)
    assert as_bob.delete(f"/api/content/{other['_id']}/comments/{made['_id']}").status_code == 404
    assert as_bob.get(f"/api/comments/{made['_id']}").status_code == 200


def test_a_reply_that_is_removed_below_a_blocked_comment_is_not_taken_off_the_post(
    as_bob: FlaskClient, as_admin: FlaskClient, db: Database, post: dict[str, Any], path: str
) -> None:
    said(as_bob, path)
    top = said(as_bob, path)
    reply = said(as_bob, path, parentId=top["_id"])
    as_admin.put(f"/api/comments/admin/{top['_id']}/block")
    assert counted(db, post) == 1
    as_bob.delete(f"/api/comments/{reply['_id']}")
    assert counted(db, post) == 1
    as_admin.put(f"/api/comments/admin/{top['_id']}/approve")
    assert counted(db, post) == 2
    counters_equal_rows(db)


def test_one_comment_is_pinned_by_the_posts_author(
    as_ada: FlaskClient, as_bob: FlaskClient, client: FlaskClient, db: Database, path: str
) -> None:
    first, second, third = (said(as_bob, path, text) for text in ("1", "2", "3"))
    assert as_bob.post(f"/api/comments/{first['_id']}/pin").status_code == 404
    for pinned in (first, second):
        assert as_ada.post(f"/api/comments/{pinned['_id']}/pin").json["data"]["comment"]["isPinned"]
    for order, rest in (("newest", "31"), ("oldest", "13"), ("top", "31")):
        found = client.get(f"{path}?sortBy={order}").json["data"]["comments"]
        assert "".join(comment["text"] for comment in found) == "2" + rest
    reply = said(as_bob, path, parentId=third["_id"])
    assert as_ada.post(f"/api/comments/{reply['_id']}/pin").status_code == 404
    assert not as_ada.delete(f"/api/comments/{second['_id']}/pin").json["data"]["comment"]["isPinned"]
    assert db["comments"].count_documents({"isPinned": True}) == 0


def test_a_pinned_comment_that_is_removed_is_pinned_no_more(as_ada: FlaskClient, db: Database, path: str) -> None:
    made = said(as_ada, path)
    as_ada.post(f"/api/comments/{made['_id']}/pin")
    as_ada.delete(f"/api/comments/{made['_id']}")
    assert db["comments"].count_documents({"isPinned": True}) == 0
    assert as_ada.post(f"/api/comments/{said(as_ada, path)['_id']}/pin").status_code == 200


def test_those_who_look_at_the_post_hear_of_a_comment_after_it_is_stored(
    as_bob: FlaskClient, db: Database, post: dict[str, Any], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, int]] = []

    def emit(event: Any, payload: dict[str, Any], *, to: str) -> None:
        assert to == f"video_{post['_id']}"
        assert payload["comment"]["user"]["username"] == "bob"
        heard.append((event.name, db["comments"].count_documents({})))

    monkeypatch.setattr(realtime, "emit", emit)
    said(as_bob, path)
    assert heard == [("video:comment", 1)]


def test_features_above_hear_of_comments_and_replies_once(
    as_ada: FlaskClient, as_bob: FlaskClient, post: dict[str, Any], path: str
) -> None:
    heard: list[Any] = []

    def hear_created(_sender: Any, *, comment: Any, content: Any) -> None:
        heard.append(("created", comment["text"], content["_id"]))

    def hear_replied(_sender: Any, *, comment: Any, answers: Any) -> None:
        heard.append(("replied", comment["text"], answers["text"]))

    writing.created.connect(hear_created)
    writing.replied.connect(hear_replied)
    top = said(as_bob, path, "one")
    reply = said(as_ada, path, "two", parentId=top["_id"])
    as_bob.put(f"/api/comments/{top['_id']}", json={"text": "one!"})
    said(as_bob, path, "three", parentId=reply["_id"])
    assert heard == [
        ("created", "one", post["_id"]), ("created", "two", post["_id"]), ("replied", "two", "one"),
        ("created", "three", post["_id"]), ("replied", "three", "two"),
    ]  # fmt: skip


def test_comments_are_rationed(app: Flask, as_bob: FlaskClient, db: Database, path: str, bob: User) -> None:
    app.extensions["ratelimits"].hit(Rate.parse("comments", "60/minute"), f"user:{bob['_id']}", cost=60)
    assert as_bob.post(path, json={"text": "Again"}).status_code == 429
    assert db["comments"].count_documents({}) == 0
