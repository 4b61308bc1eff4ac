"""Conversations: begun once, listed with what is new, read, muted, put away, left; reactions and taking back."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core.realtime import room_log
from tests.factories.auth import client_of
from tests.factories.messaging import make_message, make_talk
from tests.factories.users import make_user
from tests.messaging.test_writing import check_counters, write

User = dict[str, Any]
PATH = "/api/messaging"
TALKS = f"{PATH}/conversations"


def listed(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{TALKS}{query}").json["data"]["conversations"]
    return found


def test_two_people_have_one_conversation_whoever_begins(app: Flask, db: Database, ada: User, bob: User) -> None:
    asked = [(client_of(app, ada), bob), (client_of(app, bob), ada)] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda pair: pair[0].post(TALKS, json={"userId": str(pair[1]["_id"])}), asked))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["data"]["conversation"]["_id"] for answer in answers}) == 1
    assert db["conversations"].count_documents({}) == 1


def test_what_the_existing_system_has_begun_goes_on(
    as_ada: FlaskClient, db: Database, ada: User, bob: User, eve: User
) -> None:
    for people in ([ada, bob], [ada, bob, eve]):
        make_talk(db, *people, _id=ObjectId(), type="private")
    old = make_talk(db, bob, ada, _id=ObjectId())
    found = as_ada.post(TALKS, json={"participantId": str(bob["_id"])}).json["data"]["conversation"]
    assert found["_id"] == str(old["_id"])
    assert db["conversations"].count_documents({}) == 3


def test_one_is_not_shown_what_a_stranger_has_opened_before_something_is_written(
    as_ada: FlaskClient, as_bob: FlaskClient, ada: User, bob: User
) -> None:
    talk = as_ada.post(TALKS, json={"participants": [str(bob["_id"])]}).json["data"]["conversation"]
    assert [each["_id"] for each in listed(as_ada)] == [talk["_id"]]
    assert listed(as_bob) == listed(as_bob, "?archived=true") == []
    write(as_ada, talk)
    assert [each["_id"] for each in listed(as_bob)] == [talk["_id"]]


@pytest.mark.parametrize("body", [
    {}, {"userId": "x"}, {"participants": []}, {"type": "group", "groupName": "x"}, {"userId": "{ada}"},
    {"participants": ["{bob}", "{eve}"]}, {"participants": ["{bob}"], "type": "group"},
    {"userId": "{bob}", "groupName": "x"}, {"participants": ["{bob}", "{eve}"], "type": "private"},
    {"participants": ["{bob}", "64b7f3a2c9e77a0012ab34cd"], "groupName": "x"}, {"userId": "{bob}", "adminId": "{ada}"},
])  # fmt: skip
def test_what_is_no_conversation_is_refused(
    as_ada: FlaskClient, db: Database, ada: User, bob: User, eve: User, body: dict[str, Any]
) -> None:
    names = {"ada": str(ada["_id"]), "bob": str(bob["_id"]), "eve": str(eve["_id"])}

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [each.format(**names) for each in value]
        return value.format(**names)

    answer = as_ada.post(TALKS, json={name: filled(value) for name, value in body.items()})
    assert answer.status_code == 400
    assert db["conversations"].count_documents({}) == 0


def test_a_group_is_named_by_its_administrator_and_left_by_anybody(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, eve: User
) -> None:
    people = [str(bob["_id"]), str(eve["_id"])]
    group = as_ada.post(TALKS, json={"participants": people, "groupName": "Potters"}).json["data"]["conversation"]
    assert (group["type"], group["name"], group["adminId"]) == ("group", "Potters", str(ada["_id"]))
    path = f"{TALKS}/{group['_id']}"
    assert as_bob.patch(path, json={"groupName": "Mine"}).status_code == 403
    assert as_ada.patch(path, json={"groupName": "Kilns"}).json["data"]["conversation"]["name"] == "Kilns"
    write(as_bob, group)
    assert as_ada.post(f"{path}/leave").status_code == 200
    assert as_ada.post(f"{path}/leave").status_code == as_ada.get(path).status_code == 404
    assert write(as_ada, group).status_code == 404
    assert listed(as_ada) == []
    after = as_bob.get(path).json["data"]["conversation"]
    assert (after["participants"], after["adminId"]) == (people, people[0])
    write(as_bob, group)
    check_counters(db, {"_id": ObjectId(group["_id"])})
    told = [row.event for row in room_log.behind(f"conversation_{group['_id']}", 0)]
    assert told == ["conversation:updated", "message:new", "room:out", "conversation:updated", "message:new"]


def test_a_conversation_of_two_is_put_away_instead_of_left(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, bob: User, talk: dict[str, Any]
) -> None:
    make_message(db, talk, bob)
    path = f"{TALKS}/{talk['_id']}"
    assert as_ada.post(f"{path}/leave").status_code == 200
    assert (len(listed(as_ada)), len(listed(as_ada, "?archived=true"))) == (0, 1)
    write(as_bob, talk)
    assert len(listed(as_ada)) == 1
    assert as_ada.patch(path, json={"groupName": "x"}).status_code == 409


def test_nobody_is_asked_into_a_group_who_blocks_or_does_not_want_to(
    as_ada: FlaskClient, db: Database, ada: User, bob: User, eve: User
) -> None:
    shy = make_user(db, privacySettings={"allowMessages": "none"})
    db["blockedusers"].insert_one({"userId": eve["_id"], "blockedUserId": ada["_id"]})
    for other in (shy, eve):
        body = {"participants": [str(bob["_id"]), str(other["_id"])], "groupName": "x"}
        assert as_ada.post(TALKS, json=body).status_code == 400
    make_talk(db, ada, shy)  # who has written to her
    body = {"participants": [str(bob["_id"]), str(shy["_id"])], "groupName": "x"}
    assert as_ada.post(TALKS, json=body).status_code == 201


def test_a_repeated_key_begins_one_group(as_ada: FlaskClient, db: Database, bob: User, eve: User) -> None:
    body = {"participants": [str(bob["_id"]), str(eve["_id"])], "groupName": "x"}
    answers = [as_ada.post(TALKS, json=body, headers={"Idempotency-Key": "k"}).get_data() for _ in range(2)]
    assert answers[0] == answers[1]
    assert db["conversations"].count_documents({}) == 1


def test_conversations_are_listed_by_what_is_new(as_ada: FlaskClient, db: Database, ada: User, bob: User) -> None:
    others = [bob, *(make_user(db) for _ in range(4))]
    talks = [make_talk(db, ada, other) for other in others]
    for talk, other in zip(talks, others, strict=True):
        make_message(db, talk, other)
    make_message(db, talks[0], bob, "Latest")
    first = as_ada.get(f"{TALKS}?limit=2").json["data"]
    assert first["pagination"]["total"] == 5
    second = as_ada.get(f"{TALKS}?limit=3&cursor={first['pagination']['nextCursor']}").json["data"]
    shown = [*first["conversations"], *second["conversations"]]
    moments = [each["updatedAt"] for each in shown]
    assert moments == sorted(moments, reverse=True)
    assert {each["_id"] for each in shown} == {str(talk["_id"]) for talk in talks}
    assert {each["otherUser"]["username"]: each["unreadCount"] for each in shown}["bob"] == 2


def test_history_goes_on_where_it_stopped_whatever_is_new(
    as_ada: FlaskClient, db: Database, bob: User, talk: dict[str, Any]
) -> None:
    for number in range(5):
        make_message(db, talk, bob, str(number))
    path = f"{TALKS}/{talk['_id']}/messages?limit=2"
    texts, cursor = [], ""
    for _ in range(3):
        page = as_ada.get(f"{path}{cursor}").json["data"]
        texts += [each["text"] for each in page["messages"]]
        make_message(db, talk, bob, "new")
        cursor = f"&cursor={page['pagination']['nextCursor']}"
    assert texts == ["4", "3", "2", "1", "0"]


def test_reading_on_counts_anew_and_never_back(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, talk: dict[str, Any]
) -> None:
    said = [make_message(db, talk, bob) for _ in range(3)]
    make_message(db, talk, ada)
    path = f"{TALKS}/{talk['_id']}/read"
    second = as_ada.post(path, json={"messageId": str(said[1]["_id"])}).json["data"]
    assert second["unreadCount"] == 1
    assert as_ada.post(path, json={"messageId": str(said[0]["_id"])}).json["data"] == second
    assert db["messages"].count_documents({"isRead": True}) == 2
    check_counters(db, talk)
    for _ in range(2):
        assert as_ada.post(path).json["data"]["unreadCount"] == 0
    check_counters(db, talk)
    read = [each["isRead"] for each in as_bob.get(f"{TALKS}/{talk['_id']}/messages").json["data"]["messages"]]
    assert read == [False, True, True, True]
    told = [row for row in room_log.behind(f"conversation_{talk['_id']}", 0) if row.event == "message:read_status"]
    assert [row.payload["messageId"] for row in told][0] == str(said[1]["_id"])
    assert len(told) == 2
    assert [row.event for row in room_log.behind(f"user_{bob['_id']}", 0)] == ["messageRead"] * 2
    elsewhere = make_message(db, make_talk(db, bob, make_user(db)), bob)
    assert as_ada.post(path, json={"messageId": str(elsewhere["_id"])}).status_code == 404


def test_unread_messages_are_counted_but_for_what_is_muted_or_put_away(
    as_ada: FlaskClient, db: Database, ada: User, bob: User, eve: User
) -> None:
    talks = [make_talk(db, ada, other) for other in (bob, eve, make_user(db))]
    for talk in talks:
        for _ in range(2):
            make_message(db, talk, {"_id": talk["participants"][1]})
    count = f"{PATH}/unread-count"
    assert as_ada.get(count).json["data"] == {"unreadCount": 6, "count": 6, "conversations": 3}
    as_ada.patch(f"{TALKS}/{talks[0]['_id']}", json={"isMuted": True})
    as_ada.put(f"{TALKS}/{talks[1]['_id']}", json={"isArchived": True})
    assert as_ada.get(count).json["data"] == {"unreadCount": 2, "count": 2, "conversations": 1}


def test_what_was_put_away_comes_back_with_something_new_unless_it_is_muted(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, talk: dict[str, Any]
) -> None:
    make_message(db, talk, bob)
    path = f"{TALKS}/{talk['_id']}"
    assert as_ada.patch(path, json={"isArchived": True}).json["data"]["conversation"]["isArchived"] is True
    assert (len(listed(as_ada)), len(listed(as_ada, "?archived=true")), len(listed(as_bob))) == (0, 1, 1)
    write(as_bob, talk)
    assert len(listed(as_ada)) == 1
    as_ada.patch(path, json={"isArchived": True, "isMuted": True})
    write(as_bob, talk)
    assert (len(listed(as_ada)), len(listed(as_ada, "?archived=true"))) == (0, 1)
    check_counters(db, talk)


def test_what_is_taken_back_says_nothing_any_more_and_counts_no_longer(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, talk: dict[str, Any]
) -> None:
    first = make_message(db, talk, bob, "First")
    as_ada.post(f"{TALKS}/{talk['_id']}/read", json={})
    last = make_message(db, talk, bob, "Oops", mediaUrl="https://x.io/a.jpg")
    path = f"{PATH}/messages/{last['_id']}"
    assert as_ada.delete(path).status_code == 404
    for _ in range(2):
        assert as_bob.delete(path).status_code == 200
    shown = as_ada.get(path).json["data"]["message"]
    assert (shown["isDeleted"], shown["text"], shown["mediaUrl"], shown["reactions"]) == (True, None, None, [])
    assert as_ada.post(f"{path}/reactions", json={"emoji": "👍"}).status_code == 404
    (talk_now,) = listed(as_ada)
    assert (talk_now["unreadCount"], talk_now["lastMessage"], talk_now["messagesCount"]) == (0, None, 2)
    assert "Oops" not in str(db["conversations"].find_one())
    check_counters(db, talk)
    as_bob.delete(f"{PATH}/messages/{first['_id']}")  # read already
    check_counters(db, talk)
    told = [row.payload["messageId"] for row in room_log.behind(f"conversation_{talk['_id']}", 0)
            if row.event == "message:deleted"]  # fmt: skip
    assert told == [str(last["_id"]), str(first["_id"])]


def test_the_administrator_of_a_group_takes_anybodys_back(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, eve: User
) -> None:
    group = make_talk(db, ada, bob, eve)
    of_ada, of_eve = make_message(db, group, ada), make_message(db, group, eve)
    assert as_bob.delete(f"{PATH}/messages/{of_ada['_id']}").status_code == 404
    assert as_ada.delete(f"{PATH}/messages/{of_eve['_id']}").status_code == 200
    check_counters(db, group)


def test_one_has_one_reaction_the_last_one(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, talk: dict[str, Any]
) -> None:
    message = make_message(db, talk, bob)
    path = f"{PATH}/messages/{message['_id']}/reactions"
    for emoji in ("👍", "👍", "❤️"):
        reactions = as_ada.post(path, json={"emoji": emoji}).json["data"]["message"]["reactions"]
    assert [(each["userId"], each["emoji"]) for each in reactions] == [(str(ada["_id"]), "❤️")]
    assert len(as_bob.post(path, json={"emoji": "🔥"}).json["data"]["message"]["reactions"]) == 2
    for _ in range(2):
        assert [each["emoji"] for each in as_ada.delete(path).json["data"]["message"]["reactions"]] == ["🔥"]
    told = [row.payload["emoji"] for row in room_log.behind(f"conversation_{talk['_id']}", 0)]
    assert told == ["👍", "❤️", "🔥", None]
    for nonsense in ("", "ok", "👍 👍", "x" * 17, 5, None):
        assert as_ada.post(path, json={"emoji": nonsense}).status_code == 400


def test_reactions_at_the_same_time_are_all_kept(app: Flask, db: Database, ada: User) -> None:
    others = [make_user(db) for _ in range(8)]
    message = make_message(db, make_talk(db, ada, *others), ada)
    path = f"{PATH}/messages/{message['_id']}/reactions"
    with ThreadPoolExecutor(8) as pool:
        clients = [client_of(app, each) for each in others]
        assert {a.status_code for a in pool.map(lambda c: c.post(path, json={"emoji": "👍"}), clients)} == {200}
    assert len(db["messages"].find_one({"_id": message["_id"]})["reactions"]) == 8


def test_other_paths_lead_to_the_same(as_ada: FlaskClient, talk: dict[str, Any]) -> None:
    for path in ("/api/conversations", "/api/chat/conversations"):
        assert [each["_id"] for each in as_ada.get(path).json["data"]["conversations"]] == [str(talk["_id"])]
    sent = as_ada.post("/api/chat/send", json={"conversationId": str(talk["_id"]), "content": "Hi"})
    assert sent.json["data"]["message"]["text"] == "Hi"
    assert as_ada.post(f"{PATH}/send", json={"text": "for nobody"}).status_code == 400


def test_nobody_writes_without_signing_in(client: FlaskClient, talk: dict[str, Any]) -> None:
    assert client.get(TALKS).status_code == write(client, talk).status_code == 401
