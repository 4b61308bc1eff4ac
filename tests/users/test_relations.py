"""Following and blocking, alone and in parallel."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.users.services.follows import followed
from tests.factories.auth import client_of
from tests.factories.users import counters, make_follow, make_user, unknown_id


def follow_path(user: dict[str, Any]) -> str:
    return f"/api/users/{user['_id']}/follow"


def block_path(user: dict[str, Any]) -> str:
    return f"/api/users/{user['_id']}/block"


def test_following_toggles_the_pair_and_both_counters(db: Database, app: Flask) -> None:
    ada, bob = make_user(db), make_user(db)
    client = client_of(app, ada)
    assert client.post(follow_path(bob)).json["data"] == {"isFollowing": True, "followerCount": 1}
    assert (counters(db, ada), counters(db, bob)) == ((0, 1), (1, 0))
    stored = db["follows"].find_one()
    assert (stored["followerId"], stored["followingId"], stored["notificationsEnabled"]) == (
        ada["_id"],
        bob["_id"],
        True,
    )
    assert client.post(follow_path(bob)).json["data"] == {"isFollowing": False, "followerCount": 0}
    assert (counters(db, ada), counters(db, bob)) == ((0, 0), (0, 0))
    assert db["follows"].count_documents({}) == 0


def test_unfollowing_is_fine_without_following(db: Database, app: Flask) -> None:
    ada, bob = make_user(db), make_user(db, followersCount=7)
    client = client_of(app, ada)
    assert client.delete(follow_path(bob)).json["data"] == {"isFollowing": False, "followerCount": 7}
    client.post(follow_path(bob))
    assert client.delete(follow_path(bob)).json["data"] == {"isFollowing": False, "followerCount": 7}


def test_a_counter_that_was_wrong_does_not_fall_below_zero(db: Database, app: Flask) -> None:
    ada, bob = make_user(db), make_user(db)
    make_follow(db, ada, bob)
    db["users"].update_one({"_id": bob["_id"]}, {"$unset": {"followersCount": ""}})
    assert client_of(app, ada).post(follow_path(bob)).json["data"]["followerCount"] == 0


def test_one_cannot_follow_or_block_oneself(db: Database, app: Flask) -> None:
    ada = make_user(db)
    client = client_of(app, ada)
    assert client.post(follow_path(ada)).status_code == 400
    assert client.delete(follow_path(ada)).status_code == 400
    assert client.post(block_path(ada)).status_code == 400


def test_one_cannot_follow_who_is_unknown_closed_or_blocks_one(db: Database, app: Flask) -> None:
    ada, blocker = make_user(db), make_user(db)
    db["blockedusers"].insert_one({"userId": blocker["_id"], "blockedUserId": ada["_id"]})
    client = client_of(app, ada)
    for target in ({"_id": unknown_id()}, make_user(db, status="banned"), blocker):
        assert client.post(follow_path(target)).status_code == 404
    assert db["follows"].count_documents({}) == 0


def test_one_must_unblock_before_following(db: Database, app: Flask) -> None:
    ada, bob = make_user(db), make_user(db)
    client = client_of(app, ada)
    client.post(block_path(bob))
    answer = client.post(follow_path(bob))
    assert (answer.status_code, answer.json["code"]) == (409, "USER_BLOCKED")


def test_a_repeated_key_does_not_turn_the_toggle_round(db: Database, app: Flask) -> None:
    ada, bob = make_user(db), make_user(db)
    client = client_of(app, ada)
    answers = [client.post(follow_path(bob), headers={"Idempotency-Key": "once"}) for _ in range(3)]
    assert len({answer.data for answer in answers}) == 1
    assert answers[-1].headers["Idempotent-Replayed"] == "true"
    assert counters(db, bob) == (1, 0)


def test_a_follow_is_signalled_after_the_commit_and_an_unfollow_is_not(db: Database, app: Flask) -> None:
    ada, bob = make_user(db), make_user(db)
    seen = []

    def listener(_sender: Any, **told: Any) -> None:
        seen.append((told, db["follows"].count_documents({})))

    client = client_of(app, ada)
    with followed.connected_to(listener):
        client.post(follow_path(bob))
        client.post(follow_path(bob))
    assert seen == [({"follower_id": ada["_id"], "following_id": bob["_id"]}, 1)]


def test_twenty_people_following_at_once_are_counted_each(db: Database, app: Flask) -> None:
    star = make_user(db)
    clients = [client_of(app, make_user(db)) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda client: client.post(follow_path(star)).status_code, clients))
    assert statuses == [200] * 20
    assert counters(db, star) == (20, 0)
    assert db["follows"].count_documents({}) == 20


def test_twenty_toggles_at_once_leave_pair_and_counters_in_step(db: Database, app: Flask) -> None:
    ada, bob = make_user(db), make_user(db)
    clients = [client_of(app, ada) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda client: client.post(follow_path(bob)), clients))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json["data"]["isFollowing"] for answer in answers) == 10
    assert (counters(db, ada), counters(db, bob), db["follows"].count_documents({})) == ((0, 0), (0, 0), 0)


def test_blocking_ends_following_in_both_directions_and_hides_the_person(db: Database, app: Flask) -> None:
    ada, bob = make_user(db), make_user(db)
    make_follow(db, ada, bob)
    make_follow(db, bob, ada)
    client = client_of(app, ada)
    assert client.post(block_path(bob)).json["data"] == {"isBlocked": True}
    assert db["follows"].count_documents({}) == 0
    assert (counters(db, ada), counters(db, bob)) == ((0, 0), (0, 0))
    for path in ("", "/followers", "/following"):
        assert client_of(app, bob).get(f"/api/users/{ada['_id']}{path}").status_code == 404
    assert client.get(f"/api/users/{bob['_id']}").status_code == 200
    assert client.post(block_path(bob)).json["data"] == {"isBlocked": False}
    assert client_of(app, bob).get(f"/api/users/{ada['_id']}").status_code == 200


def test_an_administrator_sees_who_blocks_them(db: Database, app: Flask) -> None:
    ada, admin = make_user(db), make_user(db, role="admin")
    client_of(app, ada).post(block_path(admin))
    assert client_of(app, admin).get(f"/api/users/{ada['_id']}").status_code == 200


def test_the_blocked_are_listed_to_the_blocker_only(db: Database, app: Flask) -> None:
    ada, bob = make_user(db), make_user(db)
    client_of(app, ada).post(block_path(bob))
    assert [user["_id"] for user in client_of(app, ada).get("/api/users/blocked").json["data"]["blocked"]] == [
        str(bob["_id"])
    ]
    assert client_of(app, bob).get("/api/users/blocked").json["data"]["blocked"] == []


def test_blocking_the_unknown_is_a_404(db: Database, app: Flask) -> None:
    assert client_of(app, make_user(db)).post(block_path({"_id": unknown_id()})).status_code == 404


@pytest.mark.parametrize("path", ["follow", "block"])
def test_changing_relations_needs_a_token(db: Database, app: Flask, path: str) -> None:
    assert client_of(app).post(f"/api/users/{make_user(db)['_id']}/{path}").status_code == 401
