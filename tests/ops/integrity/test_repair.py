"""A repair does exactly what its plan lists, and looks at each document again."""

from datetime import datetime, timedelta

import pytest
from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.users.models import User
from mixillo.core import clock, passwords
from mixillo.errors import ValidationFailed
from mixillo.ops import datasets
from mixillo.ops.integrity import items, plan, repair, runs, system_user, undo
from mixillo.ops.integrity.plan import PlanNotFound
from mixillo.ops.integrity.repair import PlanExpired, PlanNotApplicable
from mixillo.ops.integrity.runs import RunNotFound, RunNotUndoable
from tests.ops.integrity.world import ME, NOBODY, apply, make_plan, missing, person, quiet, stored, take_back


@pytest.mark.parametrize("action", ["delete", "reassign"])
def test_the_reports_six_contents_are_repaired_and_come_back_byte_for_byte(
    database: Database, ops: Database, action: str
) -> None:
    datasets.load(database, "report")
    before = stored(database)
    made = make_plan(database, ops, action)
    assert (made["documents"], made["dependents"], made["confirmation"]) == (6, 0, f"{action} 6")
    assert [(row["reference"], row["documents"]) for row in made["references"]] == [("contents.userId", 6)]
    run = apply(database, ops, made)
    assert (run["state"], run["deleted"] + run["changed"], run["skipped"]) == ("done", 6, 0)
    assert missing(database, ops) == {}
    assert database.contents.count_documents({}) == (0 if action == "delete" else 6)
    assert database.users.count_documents({}) == (6 if action == "delete" else 7)
    undone = take_back(database, ops, run)
    assert (undone["state"], undone["undo"]["restored"], undone["undo"]["kept"]) == ("undone", 6, 0)
    assert undone["undo"]["systemUserRemoved"] is (action == "reassign")
    assert stored(database) == before


def test_a_plan_changes_nothing_and_says_what_it_would(database: Database, ops: Database) -> None:
    datasets.load(database, "report")
    before = stored(database)
    made = make_plan(database, ops, "delete")
    assert stored(database) == before
    assert plan.find(ops, made["_id"]) == made
    assert plan.recent(ops) == [made]
    assert (made["deleted"], made["changed"], made["left"]) == (6, 0, [])
    assert made["references"][0]["samples"] == database.contents.distinct("_id")
    assert made["expiresAt"] - made["createdAt"] == timedelta(hours=1)
    raws = {RawBSONDocument(raw)["_id"]: raw for raw in before["contents"]}
    for item in items.Items(ops, made["_id"]):
        assert item["hash"] == items.digest(RawBSONDocument(raws[item["documentId"]]))


def test_what_hangs_on_a_deleted_content_follows_its_policy_and_comes_back(database: Database, ops: Database) -> None:
    user = person(database)
    content = database.contents.insert_one({"userId": NOBODY, "caption": "lost"}).inserted_id
    kept = database.contents.insert_one({"userId": user, "originalContentId": content}).inserted_id
    for name in ("likes", "views", "saves", "shares"):
        database[name].insert_many([{"userId": user, "contentId": each} for each in (content, kept)])
    comment = database.comments.insert_one({"userId": user, "contentId": content}).inserted_id
    reply = database.comments.insert_one({"userId": user, "contentId": kept, "parentId": comment}).inserted_id
    database.comments.insert_one({"userId": user, "contentId": kept, "parentId": reply})
    database.likes.insert_one({"userId": user, "contentId": str(content)})
    database.recommendationmetadatas.insert_one({"userId": user, "interactions": {"liked": [kept, content]}})
    gift = database.gifttransactions.insert_one({"contentId": content}).inserted_id
    before = stored(database)

    made = make_plan(database, ops, "delete")
    assert (made["documents"], made["deleted"], made["changed"], made["dependents"]) == (11, 9, 2, 10)
    assert made["left"] == [{"reference": "gifttransactions.contentId", "documents": 1}]
    run = apply(database, ops, made)
    assert (run["deleted"], run["changed"], run["skipped"]) == (9, 2, 0)
    assert missing(database, ops) == {"gifttransactions.contentId": 1}
    assert [database[name].distinct("contentId") for name in ("likes", "views", "saves", "shares")] == [[kept]] * 4
    assert database.comments.count_documents({}) == 0
    assert database.recommendationmetadatas.find_one()["interactions"]["liked"] == [kept]
    assert database.contents.find_one() == {"_id": kept, "userId": user}
    assert database.gifttransactions.find_one()["_id"] == gift

    assert take_back(database, ops, run)["undo"]["restored"] == 11
    assert stored(database) == before


def test_a_document_that_changed_since_the_plan_is_left_alone_with_all_that_hangs_on_it(
    database: Database, ops: Database
) -> None:
    user = person(database)
    first, second, third = (database.contents.insert_one({"userId": NOBODY}).inserted_id for _ in range(3))
    fourth = database.contents.insert_one({"userId": ObjectId()}).inserted_id
    database.likes.insert_many([{"userId": user, "contentId": each} for each in (first, second, third, fourth)])
    made = make_plan(database, ops, "delete")
    database.contents.update_one({"_id": first}, {"$set": {"caption": "edited"}})
    database.contents.delete_one({"_id": second})
    database.likes.delete_one({"contentId": second})
    database.likes.insert_one({"contentId": third, "new": True})
    database.users.insert_one({"_id": database.contents.find_one({"_id": fourth})["userId"]})
    run = apply(database, ops, made)
    assert (run["deleted"], run["skipped"]) == (0, 8)
    reasons = {(row["collection"], row["id"]): row["reason"] for row in run["skippedSamples"]}
    assert [reasons["contents", each] for each in (first, second, third, fourth)] == [
        repair.CHANGED, repair.GONE, repair.NEW_DEPENDENTS, repair.BACK,
    ]  # fmt: skip
    assert sum(reason == repair.BACK for reason in reasons.values()) == 4
    assert database.contents.count_documents({}) == 3
    assert database.likes.count_documents({}) == 4


def test_what_the_database_refuses_is_skipped_with_its_reason_and_the_rest_is_done(
    database: Database, ops: Database
) -> None:
    ids = database.stores.insert_many([{"sellerId": ObjectId()} for _ in range(3)]).inserted_ids
    database.stores.create_index("sellerId", unique=True, name="one_store_in_test")
    try:
        run = apply(database, ops, make_plan(database, ops, "reassign"))
    finally:
        database.stores.drop_index("one_store_in_test")
    assert (run["changed"], run["skipped"]) == (1, 2)
    assert {row["id"] for row in run["skippedSamples"]} == set(ids[1:])
    assert all("duplicate key" in row["reason"] for row in run["skippedSamples"])


def test_each_policy_is_followed(database: Database, ops: Database) -> None:
    user = person(database)
    database.likes.insert_one({"userId": NOBODY})
    database.users.update_one({"_id": user}, {"$set": {"storeId": NOBODY}})
    database.wallets.insert_one({"userId": NOBODY, "balance": 5})
    database.contents.insert_one({"userId": NOBODY, "mentions": [NOBODY, user], "reviewedBy": NOBODY})
    made = make_plan(database, ops, "reassign")
    assert {(row["reference"], row["operation"]) for row in made["references"]} == {
        ("contents.mentions", "nullify"), ("contents.reviewedBy", "nullify"), ("contents.userId", "reassign"),
        ("likes.userId", "delete"), ("users.storeId", "nullify"),
    }  # fmt: skip
    assert made["left"] == [{"reference": "wallets.userId", "documents": 1}]
    apply(database, ops, made)
    content = database.contents.find_one() or {}
    assert (content["userId"], content["mentions"], "reviewedBy" in content) == (system_user.ID, [user], False)
    assert database.likes.count_documents({}) == 0
    assert "storeId" not in (database.users.find_one({"_id": user}) or {})
    assert missing(database, ops) == {"wallets.userId": 1}


def test_a_plan_can_be_narrowed_to_some_references(database: Database, ops: Database) -> None:
    database.contents.insert_one({"userId": NOBODY})
    database.likes.insert_one({"userId": NOBODY})
    assert make_plan(database, ops, "delete", "likes.userId")["documents"] == 1
    with pytest.raises(ValidationFailed, match=r"no such reference: likes\.nothing"):
        make_plan(database, ops, "delete", "likes.nothing")
    with pytest.raises(ValidationFailed, match="one of delete, reassign"):
        make_plan(database, ops, "shred")


def test_a_plan_needs_its_confirmation_is_applied_once_and_expires(database: Database, ops: Database) -> None:
    database.contents.insert_one({"userId": NOBODY})
    made = make_plan(database, ops, "delete")
    for wrong in ("", "delete", "delete 2", "reassign 1"):
        with pytest.raises(ValidationFailed, match="type 'delete 1'"):
            repair.apply(database, ops, made["_id"], wrong, quiet, actor=ME)
    ops.integrityplans.update_one({}, {"$set": {"expiresAt": clock.now() - timedelta(seconds=1)}})
    with pytest.raises(PlanExpired):
        apply(database, ops, made)
    ops.integrityplans.update_one({}, {"$set": {"expiresAt": made["expiresAt"]}})
    run = apply(database, ops, made)
    with pytest.raises(PlanNotApplicable, match=f"run {run['_id']}"):
        apply(database, ops, made)
    with pytest.raises(PlanNotFound):
        repair.apply(database, ops, NOBODY, "delete 1", quiet, actor=ME)
    with pytest.raises(ValidationFailed, match="type 'undo 1'"):
        undo.undo(database, ops, run["_id"], "yes", quiet, actor=ME)
    take_back(database, ops, run)
    with pytest.raises(RunNotUndoable):
        take_back(database, ops, run)
    with pytest.raises(RunNotFound):
        undo.undo(database, ops, NOBODY, "undo 1", quiet, actor=ME)


def test_the_system_user_is_a_user_that_nobody_can_sign_in_as(app: Flask, database: Database, ops: Database) -> None:
    database.contents.insert_one({"userId": NOBODY})
    apply(database, ops, make_plan(database, ops, "reassign"))
    user = User.objects.get(id=system_user.ID)
    user.validate()
    assert set(system_user.document()) - {"_id"} <= set(User._fields)
    assert user.status == "inactive"
    assert not passwords.verify_password(user.password, user.password)
    answer = app.test_client().post("/api/auth/login", json={"identifier": "system", "password": "!"})
    assert answer.status_code == 401


def test_an_account_with_the_system_users_name_stops_the_run_before_it_changes_anything(
    database: Database, ops: Database
) -> None:
    database.users.insert_one({"username": "System", "email": "somebody@example.com"})
    database.contents.insert_one({"userId": NOBODY})
    before = stored(database)
    with pytest.raises(system_user.SystemUsernameTaken):
        apply(database, ops, make_plan(database, ops, "reassign"))
    assert stored(database) == before


def test_who_did_what_is_in_the_audit_log(database: Database, ops: Database) -> None:
    database.contents.insert_one({"userId": NOBODY})
    run = apply(database, ops, make_plan(database, ops, "delete"))
    take_back(database, ops, run)
    entries = [(entry["action"], entry["result"], entry["changes"]) for entry in ops.auditlog.find().sort("_id", 1)]
    assert entries == [
        ("integrity.apply", "started", None),
        ("integrity.apply", "ok", {"after": {"deleted": 1, "changed": 0, "skipped": 0}}),
        ("integrity.undo", "started", None),
        ("integrity.undo", "ok", {"after": {"restored": 1, "kept": 0}}),
    ]
    assert all(entry["actor"] == ME for entry in ops.auditlog.find())
    assert [kept["_id"] for kept in runs.recent(ops)] == [run["_id"]]
    assert isinstance(runs.find(ops, run["_id"])["startedAt"], datetime)
