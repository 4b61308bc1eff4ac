"""The shapes of the health answers, which today's clients read without an envelope."""

from marshmallow import fields

from mixillo.core.schemas import BaseSchema, Timestamp


class ReplicaSetSchema(BaseSchema):
    """The database's place in its replica set."""

    name = fields.String(required=True, metadata={"example": "rs0"})
    state = fields.String(required=True, metadata={"example": "primary"})


class DatabaseHealthSchema(BaseSchema):
    """What the database says of itself."""

    status = fields.String(required=True, metadata={"example": "ok"})
    database = fields.String(required=True, metadata={"example": "mixillo"})
    connected = fields.Boolean(required=True)
    message = fields.String(required=True)
    latencyMs = fields.Float(required=True, allow_none=True)
    version = fields.String(required=True, allow_none=True, metadata={"example": "6.0.5"})
    replicaSet = fields.Nested(ReplicaSetSchema, required=True, allow_none=True)
    checkedAt = Timestamp(required=True)


class MongoStateSchema(BaseSchema):
    """The database in short, as today's clients read it."""

    connected = fields.Boolean(required=True)
    database = fields.String(required=True)


class HealthSchema(BaseSchema):
    """That this process answers, and since when."""

    status = fields.String(required=True, metadata={"example": "ok"})
    message = fields.String(required=True)
    timestamp = Timestamp(required=True)
    environment = fields.String(required=True)
    version = fields.String(required=True)
    revision = fields.String(required=True)
    uptime = fields.Float(required=True, metadata={"description": "Seconds since the process started."})
    database = fields.String(required=True, metadata={"example": "MongoDB"})
    mongodb = fields.Nested(MongoStateSchema, required=True)
