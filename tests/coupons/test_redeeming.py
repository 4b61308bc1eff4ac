"""No coupon is used more often than it says: not by fifty at once, not by one person at once, not twice per order."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from mixillo.blueprints.coupons.models import CouponUse
from mixillo.blueprints.coupons.services.redeeming import Applied, CouponNotValid, give_back, redeem
from mixillo.blueprints.coupons.services.validating import CouponNotFound
from mixillo.core import clock
from mixillo.core.db import _ensured, transact
from tests.factories.commerce import make_coupon

Document = dict[str, Any]


def applied(*coupons: Document) -> list[Applied]:
    return [Applied(coupon["_id"], coupon["code"], 250, "USD") for coupon in coupons]


def use(*coupons: Document, user: ObjectId | None = None, order: ObjectId | None = None) -> ObjectId:
    """Use ``coupons`` for an order of its own, without taking turns."""
    order_id = order or ObjectId()
    transact(lambda session: redeem(applied(*coupons), user or ObjectId(), order_id, session))
    return order_id


def at_once(app: Flask, people: int, work: Callable[[int], Any]) -> Counter[str]:
    """Let so many threads do ``work`` at the same moment; return how often what came of it.

    Nobody takes turns, as if each were a process of its own. Who gets no answer because so many are at it, on a machine
    that has other things to do, asks again, as people do.
    """
    gate, outcomes, lock = threading.Barrier(people), Counter[str](), threading.Lock()

    def decided(number: int) -> str:
        for _ in range(20):
            try:
                work(number)
            except CouponNotValid as error:
                return str(error.extensions["reason"])
            except PyMongoError:
                continue
            return "used"
        return "never decided"

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            outcome = decided(number)
        with lock:
            outcomes[outcome] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


@pytest.mark.parametrize("left", [1, 3])
def test_of_fifty_who_want_the_last_uses_at_once_only_so_many_get_them(app: Flask, db: Database, left: int) -> None:
    coupon = make_coupon(db, usageLimit=10, usageCount=10 - left)
    outcomes = at_once(app, 50, lambda _: use(coupon))
    assert (set(outcomes) | {"used"}, outcomes.total()) == ({"used", "used_up"}, 50)
    assert outcomes["used"] <= left
    assert db["coupons"].find_one()["usageCount"] == 10
    assert db["couponuses"].count_documents({"couponId": coupon["_id"]}) == left


def test_one_person_at_once_in_twenty_places_uses_it_once(app: Flask, db: Database) -> None:
    coupon, user = make_coupon(db, perUserLimit=1), ObjectId()
    outcomes = at_once(app, 20, lambda _: use(coupon, user=user))
    assert (set(outcomes) | {"used"}, outcomes.total()) == ({"used", "used_by_you"}, 20)
    assert db["couponuses"].count_documents({"userId": user}) == 1
    assert db["coupons"].find_one()["usageCount"] == 1


def test_two_coupons_wanted_the_other_way_round_do_not_wait_for_each_other(app: Flask, db: Database) -> None:
    one, other = make_coupon(db, usageLimit=10), make_coupon(db, usageLimit=10)
    outcomes = at_once(app, 20, lambda number: use(*((one, other) if number % 2 else (other, one))))
    assert (set(outcomes), outcomes.total()) == ({"used", "used_up"}, 20)
    assert [each["usageCount"] for each in db["coupons"].find()] == [10, 10]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"isActive": False}, "inactive"),
        ({"validFrom": clock.now() + timedelta(hours=1)}, "not_started"),
        ({"validUntil": clock.now() - timedelta(hours=1)}, "expired"),
        ({"usageLimit": 3, "usageCount": 3}, "used_up"),
    ],
)
def test_what_changed_since_the_cart_was_shown_is_seen(app: Flask, db: Database, fields: Document, reason: str) -> None:
    coupon = make_coupon(db, **fields)
    with pytest.raises(CouponNotValid) as refused:
        use(coupon)
    assert refused.value.extensions["reason"] == reason
    assert db["couponuses"].count_documents({}) == 0


def test_a_coupon_of_the_existing_system_without_counts_or_dates_works(app: Flask, db: Database) -> None:
    coupon = {"_id": ObjectId(), "code": "OLD", "type": "fixed", "value": 5.0, "usageLimit": 1}
    db["coupons"].insert_one(coupon)
    use(coupon)
    with pytest.raises(CouponNotValid):
        use(coupon)
    with pytest.raises(CouponNotFound):
        use({"_id": ObjectId(), "code": "GONE"})


def test_an_order_that_fails_afterwards_has_used_nothing(app: Flask, db: Database) -> None:
    coupon = make_coupon(db, usageLimit=1)

    def order(session: ClientSession) -> None:
        redeem(applied(coupon), ObjectId(), ObjectId(), session)
        raise LookupError

    with pytest.raises(LookupError):
        transact(order)
    assert (db["coupons"].find_one()["usageCount"], db["couponuses"].count_documents({})) == (0, 0)
    use(coupon)


def test_of_several_coupons_all_are_used_or_none(app: Flask, db: Database) -> None:
    good, used_up = make_coupon(db), make_coupon(db, usageLimit=1, usageCount=1)
    with pytest.raises(CouponNotValid):
        use(good, used_up)
    assert db["coupons"].find_one({"_id": good["_id"]})["usageCount"] == 0


def test_the_use_is_kept_with_what_it_took_off(app: Flask, db: Database) -> None:
    coupon, user = make_coupon(db), ObjectId()
    order = use(coupon, user=user)
    kept = db["couponuses"].find_one()
    assert (kept["couponId"], kept["userId"], kept["orderId"], kept["code"]) == (
        coupon["_id"], user, order, coupon["code"],
    )  # fmt: skip
    assert (str(kept["amount"]), kept["currency"]) == ("2.50", "USD")


def test_what_an_order_gives_back_can_be_used_again_once(app: Flask, db: Database) -> None:
    coupon, user = make_coupon(db, usageLimit=2, perUserLimit=1), ObjectId()
    order = use(coupon, user=user)
    use(coupon)
    for _ in range(2):
        transact(lambda session: give_back(order, session))
    assert db["coupons"].find_one()["usageCount"] == 1
    use(coupon, user=user, order=order)
    with pytest.raises(CouponNotValid):
        use(coupon)


def test_the_first_use_of_all_makes_the_collection_with_its_indexes(app: Flask, db: Database) -> None:
    db.drop_collection("couponuses")
    _ensured.discard(CouponUse.collection().full_name)
    coupon = make_coupon(db)

    def order(session: ClientSession) -> None:
        assert CouponUse.collection().count_documents({}, session=session) == 0
        redeem(applied(coupon), ObjectId(), ObjectId(), session)

    transact(order)
    names = set(db["couponuses"].index_information())
    assert {"once_per_order", "of_person", "newest_of_person", "saved"} <= names
    assert db["coupons"].find_one()["usageCount"] == 1
