"""Probes: does every endpoint do what the OpenAPI document says, for everybody it may meet?

Nothing is listed by hand. The document, fetched from the target itself, names the operations, who may call
them, what they take (its examples are sent) and what they answer; from that follow the cases of each::

    module (tag) → endpoint (method and path) → case (no token, bad token, user, other user, admin, bad input)

Scenarios, which features declare, add what no single operation shows: that a session ends where it should, that goods
sent back bring the money back. An endpoint that only a scenario comes to is seen there.

What counts: a case passes when status, type and every field of the answer are the documented and the expected
ones. ``degraded`` is right but slower than its target, ``blocked`` could not be asked (no data, no account) and
``skipped`` must not be asked here (production). An endpoint passes when nothing failed and somebody who may use it
got a documented success with data: one that only saw a 401 or an empty list is blocked, not passed.

The rate is passing endpoints, degraded ones included, over those that pass, degrade or fail. Blocked and skipped
ones are shown and stay outside: they say nothing about the service.
"""

from mixillo.ops.probes.model import ProbeRun
from mixillo.ops.probes.runner import run

__all__ = ["ProbeRun", "run"]
