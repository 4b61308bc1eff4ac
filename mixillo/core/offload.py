"""Work that would hold up the event loop: done in real threads, at most two at a time.

Password hashing takes about 20 ms of CPU and 19 MiB: inside the loop it stops every other request, and in
many threads at once it exhausts a small instance.
"""

import importlib
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

THREADS = 2
Result = TypeVar("Result")
_places = threading.BoundedSemaphore(THREADS)


def offload(work: Callable[..., Result], *args: Any) -> Result:
    """Return ``work(*args)``, done while the event loop serves others.

    The event loop is found by what has patched this process, so that the same code serves every worker
    and commands; with real threads the caller's own thread does the work.
    """
    with _places:
        eventlet, gevent = sys.modules.get("eventlet"), sys.modules.get("gevent.monkey")
        if eventlet and eventlet.patcher.is_monkey_patched("thread"):
            # Patching does not load it, and nothing else here does.
            return importlib.import_module("eventlet.tpool").execute(work, *args)
        if gevent and gevent.is_module_patched("threading"):
            return sys.modules["gevent"].get_hub().threadpool.apply(work, args)
        return work(*args)
