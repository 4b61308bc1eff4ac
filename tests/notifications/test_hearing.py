"""What other features do is told to whom it concerns, beside their answers."""

from collections.abc import Callable
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.gifts.services import telling as gifts
from mixillo.blueprints.orders.services import telling as orders
from mixillo.blueprints.products.services import moderating
from mixillo.blueprints.stores.services import deciding
from mixillo.blueprints.supporters.services import awards
from mixillo.blueprints.wallets.services import ledger
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.messaging import make_talk
from tests.factories.users import make_follow, make_user
from tests.notifications.news import of

User = dict[str, Any]
Told = Callable[[], int]


def test_following_liking_and_sharing_are_told(
    app: Flask, as_bob: FlaskClient, db: Database, ada: User, told: Told
) -> None:
    post = make_post(db, ada, thumbnailUrl="https://cdn.example.com/a.jpg")
    as_bob.post(f"/api/users/{ada['_id']}/follow")
    as_bob.post(f"/api/content/{post['_id']}/like")
    as_bob.post(f"/api/content/{post['_id']}/share", json={})
    assert of(db, ada) == []
    assert told() == 3
    assert of(db, ada) == [
        ("follow", "New followers", "bob follows you"),
        ("like", "New likes", "bob liked your post"),
        ("share", "Your post goes round", "bob shared your post"),
    ]
    like = db["notifications"].find_one({"type": "like"})
    assert (like["relatedContentId"], like["relatedType"]) == (post["_id"], "content")
    assert like["imageUrl"] == "https://cdn.example.com/a.jpg"


def test_whom_a_post_mentions_is_told_when_it_is_published(
    as_bob: FlaskClient, db: Database, ada: User, told: Told
) -> None:
    body = {"caption": "With @ada at the kiln", "videoUrl": "https://x.io/a.mp4", "status": "draft"}
    made = as_bob.post("/api/content", json=body).json["data"]["content"]["_id"]
    assert told() == 0
    as_bob.put(f"/api/content/{made}", json={"status": "published"})
    told()
    assert of(db, ada) == [("mention", "You were mentioned", "bob mentioned you: With @ada at the kiln")]


@pytest.mark.parametrize(
    ("visibility", "is_private", "ada_follows", "bob_follows", "expected"),
    [
        ("public", False, False, False, 1), ("public", True, False, False, 0), ("public", True, False, True, 1),
        ("friends", False, True, False, 0), ("friends", False, False, True, 0), ("friends", False, True, True, 1),
        ("private", False, True, True, 0),
    ],
)  # fmt: skip
def test_nobody_is_told_of_what_they_may_not_see(
    app: Flask, db: Database, ada: User, told: Told, visibility: str, is_private: bool, ada_follows: bool,
    bob_follows: bool, expected: int,
) -> None:  # fmt: skip
    author = make_user(db, username="author", privacySettings={"isPrivate": is_private})
    if ada_follows:
        make_follow(db, ada, author)
    if bob_follows:
        make_follow(db, author, ada)
    body = {"caption": "With @ada", "videoUrl": "https://x.io/a.mp4", "visibility": visibility}
    made = client_of(app, author).post("/api/content", json=body).json["data"]["content"]["_id"]
    told()
    assert len(of(db, ada)) == expected
    seen = client_of(app, ada).get(f"/api/content/{made}").status_code
    assert (seen == 200) == bool(expected)


def gift(sender: User, recipient: User, **fields: Any) -> dict[str, Any]:
    return {
        "_id": ObjectId(), "senderId": sender["_id"], "recipientId": recipient["_id"], "quantity": 3,
        "giftName": "Rose", "isAnonymous": False,
    } | fields  # fmt: skip


def test_gifts_are_told_without_the_sender_where_they_are_anonymous(
    app: Flask, db: Database, ada: User, bob: User, told: Told
) -> None:
    with app.app_context():
        for record in (gift(bob, ada), gift(bob, ada, isAnonymous=True)):
            for _ in range(2):  # a signal that comes twice
                gifts.gift_sent.send(transaction=record)
    told()
    assert [body for _, _, body in of(db, ada)] == ["bob sent you 3 × Rose", "Somebody sent you 3 × Rose"]
    assert [each["senderId"] for each in db["notifications"].find(sort=[("_id", 1)])] == [bob["_id"], None]


def order(buyer: User, seller: User, status: str = "confirmed", **fields: Any) -> dict[str, Any]:
    return {
        "_id": ObjectId("64b7f3a2c9e77a0012ab34ce"), "userId": buyer["_id"], "orderNumber": "ORD-1", "status": status,
        "fulfilments": [{"storeId": None, "sellerId": seller["_id"], "status": status}],
    } | fields  # fmt: skip


def test_an_order_is_told_to_whoever_did_not_move_it(
    app: Flask, db: Database, ada: User, bob: User, told: Told
) -> None:
    with app.app_context():
        orders.order_changed.send(order=order(ada, bob, "pending"), occasion=orders.PLACED, actor=ada["_id"])
        for status in ("confirmed", "shipped", "shipped", "delivered"):
            orders.order_changed.send(order=order(ada, bob, status), occasion=orders.MOVED, actor=bob["_id"])
        orders.order_changed.send(order=order(ada, bob, "cancelled"), occasion=orders.MOVED, actor=ada["_id"])
    told()
    assert [title for _, title, _ in of(db, bob)] == ["New order", "An order was cancelled"]
    assert [title for _, title, _ in of(db, ada)] == [
        "Your order is confirmed", "Your order is on its way", "Your order has arrived",
    ]  # fmt: skip
    assert {body for _, _, body in of(db, ada)} == {"Order ORD-1"}


def test_returns_are_told_to_the_seller_and_their_end_to_the_buyer(
    app: Flask, db: Database, ada: User, bob: User, told: Told
) -> None:
    asked = order(ada, bob, "delivered", updatedAt=clock.now())
    asked["fulfilments"][0]["returnRequestedAt"] = clock.now()
    with app.app_context():
        orders.order_changed.send(order=asked, occasion=orders.RETURN_REQUESTED, actor=ada["_id"])
        orders.order_changed.send(order=asked, occasion=orders.RETURN_DECLINED, actor=bob["_id"])
        orders.order_changed.send(order=asked, occasion=orders.GIVEN_BACK, actor=None)
    told()
    assert [title for _, title, _ in of(db, bob)] == ["Somebody wants to return an order"]
    assert [title for _, title, _ in of(db, ada)] == ["Your return was declined", "Your money is on its way back"]


def test_money_is_told_once_for_each_step_of_it(app: Flask, db: Database, ada: User, told: Told) -> None:
    row = {
        "_id": ObjectId(), "userId": ada["_id"], "type": "withdrawal", "amount": -2_500, "currency": "coins",
        "description": "Withdrawal by bank", "status": "pending",
    }  # fmt: skip
    others = [row | {"_id": ObjectId(), "type": kind} for kind in ("gift_sent", "transfer")]
    with app.app_context():
        for each in (row, row, *others, row | {"status": "completed"}):
            ledger.wallet_changed.send(row=each)
    told()
    assert [body for _, _, body in of(db, ada)] == ["2,500 coins is waiting.", "2,500 coins is done."]


def test_badges_and_decisions_are_told(app: Flask, db: Database, ada: User, told: Told) -> None:
    badge = {"name": "fan", "displayName": "Fan", "imageUrl": None}
    with app.app_context():
        awards.badge_earned.send(held={"_id": ObjectId(), "user": ada["_id"], "badge": ObjectId()}, badge=badge)
        for status, reason in (("approved", None), ("rejected", "No papers")):
            deciding.decided.send(application_id=ObjectId(), user_id=ada["_id"], status=status, reason=reason)
        for status, reason in (("active", None), ("rejected", "Blurred"), ("draft", None)):
            moderating.decided.send(product_id=ObjectId(), seller_id=ada["_id"], status=status, reason=reason)
    told()
    assert [body for _, _, body in of(db, ada)] == [
        "The badge Fan is yours now.", "Welcome: you can sell from now on.",
        "Your application was turned down: No papers", "It is on sale now.", "It was not accepted: Blurred",
    ]  # fmt: skip


def test_comments_replies_mentions_and_likes_of_comments_are_told(
    app: Flask, as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, told: Told
) -> None:
    post, cy = make_post(db, ada), make_user(db, username="cyd")
    path = f"/api/content/{post['_id']}/comments"
    said = as_bob.post(path, json={"text": "Fine, @cyd and @ada"}).json["data"]["comment"]["_id"]
    as_ada.post(path, json={"text": "Thank you", "parentId": said})
    as_ada.post(f"/api/comments/{said}/like")
    told()
    assert of(db, ada) == [("comment", "New comments", "bob commented: Fine, @cyd and @ada")]
    assert of(db, cy) == [("mention", "You were mentioned", "bob mentioned you: Fine, @cyd and @ada")]
    assert of(db, bob) == [
        ("reply", "New replies", "ada replied: Thank you"), ("like", "New likes", "ada liked your comment"),
    ]  # fmt: skip
    reply = db["notifications"].find_one({"type": "reply"})
    assert (reply["relatedType"], reply["actionData"]["contentId"]) == ("comment", str(post["_id"]))


def test_messages_are_told_to_who_has_not_muted_them(
    app: Flask, as_bob: FlaskClient, db: Database, ada: User, bob: User, told: Told
) -> None:
    cyd = make_user(db, username="cyd")
    talk, group = make_talk(db, ada, bob), make_talk(db, ada, bob, cyd, groupName="Potters")
    client_of(app, cyd).patch(f"/api/messaging/conversations/{group['_id']}", json={"isMuted": True})
    for body in ({"conversationId": str(talk["_id"]), "text": "Are you there?"},
                 {"conversationId": str(talk["_id"]), "text": "Hello!"},
                 {"conversationId": str(group["_id"]), "type": "gif", "mediaUrl": "https://x.io/a.gif"}):  # fmt: skip
        assert as_bob.post("/api/messaging/send", json=body).status_code == 201
    told()
    assert of(db, ada) == [
        ("message", "New messages", "bob wrote to you: Hello!"),
        ("message", "New messages", "bob sent something in Potters"),
    ]
    assert of(db, bob) == of(db, cyd) == []
    first = db["notifications"].find_one({"groupKey": f"message:{talk['_id']}"})
    assert (first["relatedType"], first["actionData"]) == ("message", {"conversationId": str(talk["_id"])})
