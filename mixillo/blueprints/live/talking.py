"""What the probes talk about in a stream: in, chat, away and back, over."""

from mixillo.blueprints.live import events
from mixillo.ops.probes.identities import GUEST, HOST
from mixillo.ops.probes.sockets.stage import Stage, Wrong
from mixillo.ops.probes.sockets.talks import Step, Talk

PATH = "/api/live"
TEXT, LATER = "Hello from the probe", "You were away"


def _go_live(stage: Stage) -> str:
    """Go on the air, unless the host is already."""
    answer = stage.request(HOST, "POST", f"{PATH}/start", {"title": "A probe", "provider": "webrtc"})
    stage.memory["id"] = answer.get("livestreamId") or answer["livestream"]["_id"]
    return stage.request(HOST, "GET", f"{PATH}/{stage.memory['id']}")["livestream"]["status"]


def _join(stage: Stage) -> str:
    stage.connect(HOST)
    stage.connect(GUEST)
    about = {"livestreamId": stage.memory["id"]}
    roles = [stage.ask(identity, "live:join", about)["role"] for identity in (HOST, GUEST)]
    return " and ".join(roles)


def _say(stage: Stage) -> str:
    answer = stage.ask(GUEST, "live:chat", {"livestreamId": stage.memory["id"], "text": TEXT})
    stage.memory["seq"] = answer["seq"]
    return "acknowledged"


def _hear(stage: Stage) -> str:
    for identity in (HOST, GUEST):
        stage.hear(identity, events.MESSAGE.name, lambda payload: payload["seq"] == stage.memory["seq"])
    told = [payload for name, payload in stage.socket(HOST).heard if name == events.MESSAGE.name]
    return "both, once" if [each["message"]["text"] for each in told] == [TEXT] else "something else"


def _come_back(stage: Stage) -> str:
    """Be away while something is said, and be told it on coming back."""
    stage.leave(GUEST)
    stage.ask(HOST, "live:chat", {"livestreamId": stage.memory["id"], "text": LATER})
    stage.connect(GUEST, offsets={events.room(stage.memory["id"]): stage.memory["seq"]})
    stage.hear(GUEST, events.MESSAGE.name)
    told = [p["message"]["text"] for name, p in stage.socket(GUEST).heard if name == events.MESSAGE.name]
    return "what was missed, once" if told == [LATER] else "something else"


def _end(stage: Stage) -> str:
    """End the stream, whatever came before."""
    if "id" not in stage.memory:
        raise Wrong("there is none")
    stage.request(HOST, "POST", f"{PATH}/{stage.memory['id']}/end", {})
    return stage.request(HOST, "GET", f"{PATH}/{stage.memory['id']}")["livestream"]["status"]


def _over(stage: Stage) -> str:
    stage.hear(GUEST, events.ENDED.name)
    return "told"


STREAM = Talk(
    "live stream",
    "A viewer joins, chats, comes back and hears that it is over",
    (HOST, GUEST),
    (
        Step("the host goes on the air", "live", _go_live),
        Step("host and viewer join", "host and viewer", _join),
        Step("the viewer says something", "acknowledged", _say),
        Step("who hears it", "both, once", _hear),
        Step("away, and back", "what was missed, once", _come_back),
        Step("the host ends it", "ended", _end, always=True),
        Step("the viewer", "told", _over),
    ),
)
