"""What the probes look at: that who is told something hears it at once, wherever they are connected."""

from mixillo.blueprints.notifications.events import TOLD
from mixillo.ops.probes.identities import GUEST, HOST
from mixillo.ops.probes.sockets.stage import Stage
from mixillo.ops.probes.sockets.talks import Step, Talk


def _connect(stage: Stage) -> str:
    stage.connect(HOST)
    stage.hear(HOST, "socket:ready")
    return "let in"


def _follow(stage: Stage) -> str:
    """Let the other follow, once more where they did."""
    path = f"/api/users/{stage.identities.account(HOST).id}/follow"
    stage.request(GUEST, "DELETE", path)
    stage.request(GUEST, "POST", path)
    return "followed"


def _pushed(stage: Stage) -> str:
    guest = stage.identities.account(GUEST).id
    for event in TOLD:
        stage.hear(HOST, event.name, lambda payload: payload["notification"]["actorId"] == guest)
    return "pushed"


PUSH = Talk(
    "notification push",
    "Somebody is followed, and hears so on their socket",
    (HOST, GUEST),
    (
        Step("somebody is connected", "let in", _connect),
        Step("another follows them", "followed", _follow),
        Step("the notification", "pushed", _pushed),
    ),
)
