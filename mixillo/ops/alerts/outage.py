"""When the database itself is gone: nothing can be stored, so the process remembers by itself and tells directly."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from pymongo.database import Database
from pymongo.errors import PyMongoError

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops.alerts import delivery, notices, stored
from mixillo.ops.alerts.rules import BY_ID
from mixillo.ops.alerts.states import BETWEEN_NOTICES, BETWEEN_REMINDERS, FIRING, REMINDER, RESOLVED, Alert

log = structlog.get_logger(__name__)
RULE = BY_ID["database-unreachable"]
# One failed attempt may be a failover, which is over within seconds.
HOLD = timedelta(seconds=60)
MARK = "database-unreachable.told"


class Outage:
    """The present outage of the database, as this process sees it."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._told_at: datetime | None = None
        self._is_told = False

    @property
    def is_open(self) -> bool:
        """Whether the last attempt failed."""
        return self._since is not None

    def failed(self, now: datetime, settings: Settings) -> bool:
        """Note that the database could not be reached, and tell people when that has lasted; return whether told."""
        self._since = self._since or now
        if now - self._since < HOLD or not self._may_tell(now):
            return False
        self._tell(REMINDER if self._is_told else FIRING, now, settings)
        self._is_told, self._told_at = True, now
        return True

    def recovered(self, ops: Database, now: datetime, settings: Settings) -> None:
        """Note that the database is there; if people were told, tell them, and leave word in the history."""
        since, was_told = self._since, self._is_told
        self._since, self._is_told = None, False
        if since is None or not was_told:
            return
        fired = Alert(RULE.id, FIRING, since, 1.0, 1, "no answer", RULE.threshold)
        over = Alert(RULE.id, RESOLVED, now, 0.0, 1, "it answers again", RULE.threshold)
        try:
            ops[stored.EVENTS].insert_many(
                [
                    stored.event(fired, "changed", since, before="ok"),
                    stored.event(over, "changed", now, before=FIRING),
                ]
            )
        except PyMongoError as error:
            log.warning("outage_not_recorded", error=type(error).__name__)
        self._tell(RESOLVED, now, settings)

    def _may_tell(self, now: datetime) -> bool:
        if self._told_at is None:
            return True
        return now - self._told_at >= (BETWEEN_REMINDERS if self._is_told else BETWEEN_NOTICES)

    def _tell(self, kind: str, now: datetime, settings: Settings) -> None:
        log.error("database_outage", state=kind)
        _send(kind, self._since or now, now, settings)


def tell_from_outside(settings: Settings) -> bool:
    """Tell people that a command did not reach the database, and return whether they were told.

    At most once in ``BETWEEN_NOTICES`` where the data directory lasts; a job in a container has none, so there each
    run tells.
    """
    mark, now = Path(settings.data_dir) / MARK, clock.now()
    with suppress(OSError):
        if now.timestamp() - mark.stat().st_mtime < BETWEEN_NOTICES.total_seconds():
            return False
    with suppress(OSError):
        mark.touch()
    _send(FIRING, now, now, settings)
    return True


def _send(kind: str, since: datetime, now: datetime, settings: Settings) -> None:
    value, detail = (0.0, "it answers again") if kind == RESOLVED else (1.0, "no answer")
    alert = Alert(RULE.id, kind, since, value, 1, detail, RULE.threshold, opened_at=since)
    delivery.send_now(settings.alert_urls, notices.compose(alert, RULE, kind, now, settings.base_url))
