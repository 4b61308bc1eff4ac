"""The talk that every server must hold its own in: who is let in, who is not, and who is shown out."""

from mixillo.ops.probes.identities import BAD_TOKEN, NOBODY, USER
from mixillo.ops.probes.scenarios import LOGOUT
from mixillo.ops.probes.sockets.client import POLLING_FIRST
from mixillo.ops.probes.sockets.stage import Stage, Wrong
from mixillo.ops.probes.sockets.talks import Step, Talk

READY, ENDED = "socket:ready", "session:ended"
UNKNOWN_EVENT = "probe:nonsense"
ACCEPTED, REFUSED = "let in", "refused"


def _refused(identity: str) -> Step:
    def does(stage: Stage) -> str:
        stage.refused(identity)
        return REFUSED

    return Step(identity, REFUSED, does, changes=False)


def _enter(stage: Stage) -> str:
    stage.connect(USER)
    stage.memory["rooms"] = stage.hear(USER, READY)["rooms"]
    return ACCEPTED


def _own_room(stage: Stage) -> str:
    own = [room for room in stage.memory["rooms"] if room.startswith("user_")]
    return "one's own, and no other" if len(own) == len(stage.memory["rooms"]) == 1 else "others too"


def _polling(stage: Stage) -> str:
    socket = stage.connect(USER, transports=POLLING_FIRST)
    stage.hear(USER, READY)
    return ACCEPTED if socket.wait(lambda: socket.transport == "websocket") else "not upgraded"


def _unknown(stage: Stage) -> str:
    answer = stage.socket(USER).ask(UNKNOWN_EVENT, {})
    if not isinstance(answer, dict) or answer.get("ok") is not False or not answer["error"]["code"]:
        raise Wrong("an unknown event is not refused with a code")
    return REFUSED


def _cut(stage: Stage) -> str:
    session = stage.identities.sign_in(USER)
    socket = stage.connect(USER, token=session.token)
    stage.hear(USER, READY)
    stage.request(USER, "POST", LOGOUT, {}, token=session.token)
    stage.hear(USER, ENDED)
    return "told, and cut" if socket.wait(lambda: not socket.is_open) else "told, but not cut"


CONNECTING = Talk(
    "connect",
    "Who is let in, and who is shown out",
    (USER,),
    (
        _refused(NOBODY),
        _refused(BAD_TOKEN),
        Step("user, over WebSocket", ACCEPTED, _enter, changes=False),
        Step("the rooms that it is in", "one's own, and no other", _own_room, changes=False),
        Step("user, polling first", ACCEPTED, _polling, changes=False),
        Step("an event that there is not", REFUSED, _unknown, changes=False),
        Step("signed out", "told, and cut", _cut),
    ),
)
