"""What media servers send. What they add in later versions is ignored; what is missing makes the call a refused one."""

from typing import Any

from marshmallow import fields, post_load, validate

from mixillo.core.schemas import QuerySchema

SHORT, LONG = validate.Length(max=200), validate.Length(max=2_048)


def _short() -> fields.String:
    return fields.String(load_default="", validate=SHORT, allow_none=True)


def _long() -> fields.String:
    return fields.String(load_default="", validate=LONG, allow_none=True)


class CallSchema(QuerySchema):
    """A call of a media server."""

    @post_load
    def said(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with nothing where ``null`` was said."""
        return {name: "" if value is None else value for name, value in data.items()}


class NginxCallSchema(CallSchema):
    """A call of nginx-rtmp, as a form; what the encoder has behind the question mark stands at its end."""

    call = _short()
    name = _short()
    addr = _short()
    clientid = _short()
    key = _short()


class MediaMtxCallSchema(CallSchema):
    """A question of MediaMTX (``authMethod: http``), or what its ``runOnReady`` and ``runOnNotReady`` send."""

    action = _short()
    path = _short()
    id = _short()
    query = _long()


class SrsCallSchema(CallSchema):
    """A call of SRS; ``client_id`` is a number in old versions."""

    action = _short()
    stream = _short()
    client_id = fields.Raw(load_default="", allow_none=True)
    param = _long()


class SrsAnswerSchema(QuerySchema):
    """What SRS wants to see."""

    code = fields.Integer(required=True, metadata={"example": 0})
