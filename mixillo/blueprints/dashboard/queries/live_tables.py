"""The tables of the Live page: streams, and the sockets of instances."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.tables import Column, Table, number, word
from mixillo.blueprints.live.queries import board
from mixillo.core import clock

Document = dict[str, Any]
NOBODY = "gone"


def host(stream: Document) -> str:
    """Return who is on the air, as people are named."""
    return f"@{stream['host']['username']}" if stream["host"] else NOBODY


def rate(value: float) -> str:
    """Return events per second: with a decimal below ten."""
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def _moment(key: str, title: str, name: str) -> Column:
    """Return a column of moments, in the CSV as such, on the page as how far away they are."""

    def text(stream: Document) -> str:
        return _away(stream[name]) if stream.get(name) else "—"

    return Column(
        key, title, lambda stream: stream.get(name), text, numeric=False,
        cell=lambda stream: clock.timestamp(stream[name]) if stream.get(name) else "",
    )  # fmt: skip


def _away(when: Any) -> str:
    ahead = when - clock.now()
    if ahead.total_seconds() > 0:
        return f"in {formats.duration(ahead)}"
    return f"{formats.duration(-ahead).partition(' ')[0]} ago"


TITLE = Column(
    "title", "Stream", lambda stream: f"{stream['title']} {host(stream)}", lambda stream: stream["title"],
    numeric=False, cell=lambda stream: stream["title"], hint="The search takes the host, too",
)  # fmt: skip
HOST = word("host", "Host", host)
STATE = word("state", "State", lambda stream: stream["status"] + (", featured" if stream.get("isFeatured") else ""))
PEAK = number("peak", "Peak", lambda stream: stream["peakViewers"], "Most viewers at a time")
BROUGHT = (
    number("likes", "Likes", lambda stream: stream["likesCount"]),
    number("gifts", "Gifts", lambda stream: stream["giftsCount"]),
    number("coins", "Revenue", lambda stream: stream["coins"], "Coins that were given"),
)
SAID = Column(
    "messagesPerSecond", "Messages/s", lambda stream: stream["messagesPerSecond"],
    lambda stream: rate(stream["messagesPerSecond"]), hint="Lines of the chat, mean of ten seconds",
)  # fmt: skip
# Figures before words: on a telephone two or three columns are seen at a time.
COLUMNS = {
    board.NOW: (
        TITLE, number("viewers", "Viewers", lambda stream: stream["currentViewers"]), PEAK, SAID, *BROUGHT, HOST,
        STATE, _moment("since", "Since", "startedAt"),
    ),
    board.ANNOUNCED: (TITLE, _moment("scheduledFor", "Begins", "scheduledFor"), HOST, STATE),
    board.OVER: (
        TITLE, number("unique", "Viewers", lambda stream: stream["uniqueViewers"], "Different people"), PEAK,
        number("messages", "Messages", lambda stream: stream["messagesCount"]), *BROUGHT, HOST, STATE,
        Column("duration", "Lasted", lambda stream: stream.get("duration") or 0,
               lambda stream: formats.duration(float(stream.get("duration") or 0))),
        _moment("endedAt", "Ended", "endedAt"),
    ),
}  # fmt: skip
ORDERS = {board.NOW: "-viewers", board.ANNOUNCED: "scheduledFor", board.OVER: ""}
INSTANCES = (
    Column("instance", "Instance", lambda each: each["instance"],
           lambda each: each["instance"] + (" (this one)" if each.get("isHere") else ""), numeric=False),
    word("revision", "Revision", lambda each: each["revision"]),
    number("sockets", "Sockets", lambda each: each["sockets"], "Of clients"),
    number("cap", "Takes", lambda each: each["cap"], "Sockets at most"),
    number("rooms", "Rooms", lambda each: each["rooms"], "Of streams, posts and conversations"),
    Column("askedPerSecond", "Events/s", lambda each: each["askedPerSecond"],
           lambda each: rate(each["askedPerSecond"]), hint="What clients send, mean of ten seconds"),
    Column("deliveredPerSecond", "Deliveries/s", lambda each: each["deliveredPerSecond"],
           lambda each: rate(each["deliveredPerSecond"]), hint="What is sent, to each socket by itself"),
    number("operators", "Operators", lambda each: each["operators"], "Open pages of the dashboard"),
    word("measuredAt", "As of", lambda each: f"{each['measuredAt']:%H:%M:%S} UTC"),
)  # fmt: skip


def streams(found: Sequence[Document], group: str, parameters: Mapping[str, str]) -> Table:
    """Return the streams of a group, those with most viewers first, or as they come."""
    return Table.of(
        "streams", COLUMNS[group], found, order=ORDERS[group], parameters=parameters,
        row_url=lambda stream: url_for("dashboard.live_stream", stream_id=stream["_id"]),
    )  # fmt: skip


def instances(found: Sequence[Document], parameters: Mapping[str, str]) -> Table:
    """Return the instances, those with most sockets first."""
    return Table.of("instances", INSTANCES, found, order="-sockets", parameters=parameters)
