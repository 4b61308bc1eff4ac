"""Pages as they were rendered, for who opens the same one a moment later.

Many look at the same few pages: links, reloads, tabs of several people. What a page shows is put together once for all
of them, and what belongs to one browser (its nonce, its form token, the name of who is signed in) is put in last.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import current_app

from mixillo.blueprints.dashboard.measuring import outage
from mixillo.core import clock

EXTENSION = "dashboard_pages"
# A page with 200 routes has 260 KB.
KEPT = 32


@dataclass
class _Page:
    """One page: its text and when putting it together began; whoever comes meanwhile waits for it."""

    at: datetime = datetime.min.replace(tzinfo=UTC)
    text: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class KeptPages:
    """The pages that were opened last, at most ``KEPT`` of them; only such as show figures and no outage."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, _Page] = OrderedDict()
        self._lock = threading.Lock()
        self._acted_at = _Page.at

    def get(self, key: Hashable, since: datetime, render: Callable[[], str]) -> str:
        """Return what was rendered under ``key`` at ``since`` or later, else what ``render()`` returns now."""
        if outage.since:
            return render()
        page = self._page(key)
        with page.lock:
            if page.at < max(since, self._acted_at):
                began, failures = clock.now(), outage.failures
                page.text = render()
                page.at = began if outage.failures == failures else _Page.at
            return page.text

    def acted(self) -> None:
        """Take note that somebody has done something: what was rendered before does not show it."""
        self._acted_at = clock.now()

    def _page(self, key: Hashable) -> _Page:
        with self._lock:
            page = self._pages.setdefault(key, _Page())
            self._pages.move_to_end(key)
            if len(self._pages) > KEPT:
                self._pages.popitem(last=False)
            return page


def kept_pages() -> KeptPages:
    """Return those of this application."""
    found: KeptPages = current_app.extensions.setdefault(EXTENSION, KeptPages())
    return found
