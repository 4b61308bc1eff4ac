"""Telling the talks: each step a case, like those of an endpoint."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from mixillo.ops.probes.asking import Patience, Unavailable
from mixillo.ops.probes.cases import DEFAULT_TARGET_MS, SKIPPED_BECAUSE
from mixillo.ops.probes.http import NoAnswer
from mixillo.ops.probes.identities import Identities
from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS, SKIPPED, Case, Endpoint, Module
from mixillo.ops.probes.sockets.connecting import CONNECTING
from mixillo.ops.probes.sockets.contract import PATH, LiveEvents
from mixillo.ops.probes.sockets.stage import Stage, Wrong
from mixillo.ops.probes.sockets.talks import MODULE, Step, Talk, declared

# So long is an event waited for.
SECONDS = 5.0


class Talks:
    """Tells every talk; without ``changes`` only steps that change nothing."""

    def __init__(
        self,
        base_url: str,
        events: LiveEvents | str,
        patience: Patience,
        identities: Identities,
        *,
        changes: bool,
        seconds: float,
    ) -> None:
        self._base_url = base_url
        self._events = events
        self._patience = patience
        self._identities = identities
        self._changes = changes
        self._seconds = min(seconds, SECONDS)
        self._talks = [CONNECTING, *declared()] if isinstance(events, LiveEvents) else []

    @property
    def total(self) -> int:
        """How many cases there are."""
        return sum(len(talk.steps) for talk in self._talks)

    def tell(self, on_case: Callable[[str], None]) -> Module:
        """Return what came of every talk; ``on_case`` is told the name of each step."""
        fault = "" if isinstance(self._events, LiveEvents) else self._events
        document = Case("document", FAIL if fault else PASS, "200", None if fault else 200, detail=fault, proves=True)
        module = Module(MODULE, [Endpoint(f"GET {PATH}", "The document of live events", [document])])
        module.endpoints += [self._tell(talk, on_case) for talk in self._talks]
        return module

    def _tell(self, talk: Talk, on_case: Callable[[str], None]) -> Endpoint:
        assert isinstance(self._events, LiveEvents)
        stage = Stage(self._base_url, self._events, self._patience, self._identities, self._seconds)
        for identity in talk.people:  # making an account is no part of any step's time
            with suppress(Unavailable):
                self._identities.token(identity)
        try:
            return Endpoint(f"talk: {talk.name}", talk.summary, list(self._cases(talk, stage, on_case)))
        finally:
            stage.close()

    def _cases(self, talk: Talk, stage: Stage, on_case: Callable[[str], None]) -> Iterator[Case]:
        broken_at = ""
        for step in talk.steps:
            on_case(f"{talk.name}: {step.name}")
            if broken_at and not step.always:
                yield Case(step.name, BLOCKED, step.expected, detail=f"“{broken_at}” did not work", proves=True)
                continue
            case = self._case(step, stage)
            if case.state not in (PASS, DEGRADED) and not broken_at:
                broken_at = step.name
            yield case

    def _case(self, step: Step, stage: Stage) -> Case:
        case = Case(step.name, PASS, step.expected, target_ms=DEFAULT_TARGET_MS, proves=True, url="/socket.io/")
        if step.changes and not self._changes:
            return replace(case, state=SKIPPED, detail=SKIPPED_BECAUSE)
        started = time.monotonic()
        try:
            actual = step.does(stage)
        except Unavailable as error:
            return replace(case, state=BLOCKED, detail=str(error))
        except (Wrong, NoAnswer) as error:
            return replace(case, state=FAIL, detail=str(error), ms=_since(started))
        except (KeyError, TypeError, AttributeError) as error:  # an answer of another form than any step expects
            return replace(case, state=FAIL, detail=f"the answer lacks what is needed ({error})", ms=_since(started))
        case = replace(case, actual=actual, ms=_since(started))
        if actual != step.expected:
            return replace(case, state=FAIL, detail=f"expected {step.expected}, got {actual}")
        if (case.ms or 0) > DEFAULT_TARGET_MS:
            return replace(case, state=DEGRADED, detail=f"right, but it took {case.ms:.0f} ms")
        return case


def _since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 2)
