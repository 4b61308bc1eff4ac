"""Words that are refused or held back, and what administrators decide, with its trace in the audit log."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.comments.services import words, writing
from tests.comments.test_writing import counted, said
from tests.factories.comments import counters_equal_rows, make_comment
from tests.factories.users import unknown_id

User = dict[str, Any]
AT = "/api/comments/admin/words"


@pytest.mark.parametrize(("text", "is_found"), [
    ("buy followers", True), ("BUY   Followers!", True), ("b\u200buy followers", True), ("buý, followers?", True),
    ("Ｂｕｙ ｆｏｌｌｏｗｅｒｓ", True), ("buy_followers", True), ("rebuy followers", False),
    ("buy more followers", False),
])  # fmt: skip
def test_words_are_found_however_they_are_spelled_and_nowhere_else(
    as_admin: FlaskClient, as_bob: FlaskClient, path: str, text: str, is_found: bool
) -> None:
    as_admin.put(AT, json={"blocked": ["Buy followers"]})
    answer = as_bob.post(path, json={"text": f"so: {text} now"})
    assert answer.status_code == (403 if is_found else 201)
    assert not is_found or answer.json["code"] == "comment_refused"


def test_what_holds_a_hidden_word_waits_for_an_administrator(
    as_admin: FlaskClient, as_bob: FlaskClient, client: FlaskClient, db: Database, post: dict[str, Any], path: str
) -> None:
    heard: list[str] = []

    def hear(_sender: Any, *, comment: Any, content: Any) -> None:
        heard.append(comment["text"])

    writing.created.connect(hear)
    as_admin.put(AT, json={"hidden": ["cheap"]})
    made = said(as_bob, path, "Cheap bowls")
    at = f"/api/comments/{made['_id']}"
    assert (made["isHidden"], counted(db, post), heard) == (True, 0, [])
    assert client.get(path).json["data"]["comments"] == []
    assert [each.get(at).status_code for each in (client, as_bob, as_admin)] == [404, 200, 200]
    for _ in range(2):
        assert (
            as_admin.put(f"/api/comments/admin/{made['_id']}/approve").json["data"]["comment"]["status"] == "approved"
        )
    assert (client.get(at).status_code, counted(db, post), heard) == (200, 1, ["Cheap bowls"])
    as_bob.put(at, json={"text": "Cheap again"})
    assert (client.get(at).status_code, counted(db, post)) == (404, 0)
    as_admin.put(f"/api/comments/admin/{made['_id']}/approve")
    assert heard == ["Cheap bowls"]
    counters_equal_rows(db)


def test_a_list_that_is_not_sent_stays_and_the_change_is_on_record(
    as_admin: FlaskClient, as_bob: FlaskClient, db: Database, ops_db: Database
) -> None:
    assert as_admin.get(AT).json["data"] == {"blocked": [], "hidden": []}
    assert db["settings"].count_documents({}) == 0
    as_admin.put(AT, json={"blocked": ["a b"]})
    assert as_admin.put(AT, json={"hidden": ["c"]}).json["data"] == {"blocked": ["a b"], "hidden": ["c"]}
    (setting,) = db["settings"].find()
    assert (setting["key"], setting["type"]) == (words.KEY, "object")
    last = ops_db["auditlog"].find_one({"action": words.CHANGED}, sort=[("_id", -1)])
    assert last["changes"]["before"] == {"blocked": ["a b"], "hidden": []}
    assert as_bob.put(AT, json={"blocked": []}).status_code == 403


def test_blocking_a_comment_hides_its_replies_and_approving_brings_them_back(
    as_admin: FlaskClient,
    as_bob: FlaskClient,
    client: FlaskClient,
    db: Database,
    ops_db: Database,
    bob: User,
    post: dict[str, Any],
    path: str,
) -> None:
    top = make_comment(db, bob, post, isReported=True)
    reply = make_comment(db, bob, post, top)
    at = f"/api/comments/admin/{top['_id']}"
    as_admin.put(f"{at}/block")
    assert client.get(path).json["data"]["comments"] == []
    assert client.get(f"/api/comments/{reply['_id']}").status_code == 404
    assert as_bob.post(path, json={"text": "x", "parentId": str(reply["_id"])}).status_code == 404
    assert counted(db, post) == 0
    counters_equal_rows(db)
    shown = as_admin.put(f"{at}/approve").json["data"]["comment"]
    assert (shown["isReported"], counted(db, post)) == (False, 2)
    assert as_admin.delete(at).status_code == 200
    assert as_admin.put(f"{at}/approve").status_code == 404
    assert counted(db, post) == 0
    log = [entry["action"] for entry in ops_db["auditlog"].find({"targetId": top["_id"]}, sort=[("_id", 1)])]
    assert log == ["comment.blocked", "comment.approved", "comment.removed"]


def test_many_are_judged_at_once_and_those_that_are_not_there_are_named(
    as_admin: FlaskClient, as_bob: FlaskClient, db: Database, ops_db: Database, bob: User, post: dict[str, Any]
) -> None:
    comments = [make_comment(db, bob, post) for _ in range(3)]
    ids, missing = [str(comment["_id"]) for comment in comments], str(unknown_id())
    bulk = "/api/comments/admin/bulk-action"
    for action, left in (("block", 0), ("approve", 3), ("delete", 0)):
        answer = as_admin.post(bulk, json={"action": action, "commentIds": [*ids, missing, ids[0]]})
        assert answer.json["data"] == {"action": action, "count": 3, "done": ids, "missing": [missing]}
        assert counted(db, post) == left
    assert as_admin.post(bulk, json={"action": "approve", "commentIds": ids}).json["data"]["missing"] == ids
    assert ops_db["auditlog"].count_documents({"action": {"$regex": "^comment"}}) == 9
    for body in ({"action": "praise", "commentIds": ids}, {"action": "block", "commentIds": []}, {"action": "block"},
                 {"action": "block", "commentIds": ids * 40}):  # fmt: skip
        assert as_admin.post(bulk, json=body).status_code == 400
    assert as_bob.post(bulk, json={"action": "block", "commentIds": ids}).status_code == 403
    counters_equal_rows(db)
