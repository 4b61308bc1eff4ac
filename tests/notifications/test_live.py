"""A real socket hears what its user is told, and what it missed when it comes back."""

from typing import Any

from pymongo.database import Database

from mixillo.blueprints.notifications.services import telling
from mixillo.config import Settings
from tests.factories.auth import make_session
from tests.notifications.news import POST, like_of
from tests.sockets import Socket, serving
from tests.waiting import wait_until

User = dict[str, Any]


def test_an_open_socket_hears_it_at_once_and_nobody_elses(
    app: Any, settings: Settings, db: Database, ada: User, bob: User
) -> None:
    tokens = {user["username"]: make_session(app, user)[1]["token"] for user in (ada, bob)}
    with serving(settings) as url:
        adas, bobs = (Socket(url, auth={"token": tokens[name]}) for name in ("ada", "bob"))
        telling.tell(like_of(bob, ada))
        (told,) = wait_until(lambda: adas.told("notification"))
        wait_until(lambda: adas.told("notification:new"))
        assert told["notification"]["body"] == "bob liked your post"
        assert told["notification"]["relatedContentId"] is None
        assert (told["unreadCount"], told["silent"]) == (1, False)
        assert told["notification"]["_id"] == str(db["notifications"].find_one({"groupKey": f"like:{POST}"})["_id"])
        assert bobs.told("notification") == []
        for socket in (adas, bobs):
            socket.close()
