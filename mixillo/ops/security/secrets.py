"""The secrets: absent, present, weak or strong. Their values stay where they are."""

from dataclasses import dataclass

from pymongo.uri_parser import parse_uri

from mixillo.config import Settings
from mixillo.ops import configuration

ABSENT, PRESENT, WEAK, STRONG = "absent", "present", "weak", "strong"
# Others could guess these, because people choose them; the rest is given by whoever runs the other side.
CHOSEN = ("JWT_SECRET", "JWT_REFRESH_SECRET", "MIXILLO_METRICS_TOKEN", "MIXILLO_CHECKER_SECRET")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Secret:
    """One secret: its state, what is wrong with it if anything, where it comes from and what it is for."""

    name: str
    state: str
    fault: str
    source: str
    meaning: str


def secrets(settings: Settings) -> list[Secret]:
    """Return every secret that there may be."""
    faults = dict(settings.secret_faults())
    return [
        Secret(
            name=entry.name,
            state=_state(entry.name, entry.present, entry.name in faults),
            fault=faults.get(entry.name, ""),
            source=entry.source,
            meaning=entry.meaning,
        )
        for entry in configuration.in_force(settings)
        if entry.secret
    ]


def is_open_database(uri: str) -> bool:
    """Return whether ``uri`` reaches a database on another machine without a name and password."""
    if uri.startswith("mongodb+srv://"):  # its hosts are not looked up for this
        return "@" not in uri
    parsed = parse_uri(uri, validate=False)
    is_near = all(host in LOCAL_HOSTS or host.endswith(".sock") for host, _ in parsed["nodelist"])
    return not is_near and not parsed["username"]


def _state(name: str, is_present: bool, is_faulty: bool) -> str:
    if not is_present:
        return ABSENT
    if name not in CHOSEN:
        return PRESENT
    return WEAK if is_faulty else STRONG
