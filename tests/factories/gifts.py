"""Gifts, and the livestreams and posts at which they are given."""

from typing import Any

from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.gifts.models import Gift

ROSE = "https://cdn.example.com/rose.png"


def make_gift(db: Database, price: float = 10, **fields: Any) -> dict[str, Any]:
    """Store a gift on sale and return the document; ``fields`` are stored as given."""
    document = Gift(name="Rose", icon=ROSE, price=price, id=ObjectId()).to_mongo().to_dict() | fields
    db["gifts"].insert_one(document)
    return document


def make_stream(db: Database, host_id: ObjectId, **fields: Any) -> ObjectId:
    """Store a livestream that is on the air and return its id."""
    stream = {"hostId": host_id, "status": "live", "allowGifts": True} | fields
    return db["livestreams"].insert_one(stream).inserted_id


def make_post(db: Database, user_id: ObjectId, **fields: Any) -> ObjectId:
    """Store a post and return its id."""
    return db["contents"].insert_one({"userId": user_id, "status": "active"} | fields).inserted_id


def send(client: FlaskClient, gift: dict[str, Any], recipient_id: Any, key: str | None = None, **more: Any) -> Any:
    """Send ``gift`` and return the answer."""
    body = {"giftId": str(gift["_id"]), "recipientId": str(recipient_id)} | more
    return client.post("/api/gifts/send", json=body, headers={"Idempotency-Key": key} if key else {})
