"""Asking the planned cases of an operation, one after the other, and judging what comes back."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from mixillo.ops.metrics.groups import group_of
from mixillo.ops.probes.asking import Patience, Unavailable
from mixillo.ops.probes.bodies import Bodies
from mixillo.ops.probes.contract import Contract, Operation
from mixillo.ops.probes.derive import Planned, cases
from mixillo.ops.probes.http import Answer, NoAnswer, Request
from mixillo.ops.probes.identities import BAD_TOKEN, NOBODY, USER, Identities
from mixillo.ops.probes.judge import Judge, reason_of
from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS, SKIPPED, Case, Endpoint
from mixillo.ops.probes.things import Things, headers_of, listed_in, query_of

SKIPPED_BECAUSE = "it changes things, which is not done here unless asked for"
EMPTY = "the list is empty, so that nothing was seen of what it lists"

# Of endpoints outside the groups that the stabilization report sets a target for.
DEFAULT_TARGET_MS = 800

Told = Callable[[str], None]


@dataclass
class EmptyList:
    """A case that saw an empty list: asked again when something has been made."""

    operation: Operation
    planned: Planned
    endpoint: Endpoint
    position: int


class Cases:
    """Probes operations. Without ``changes`` only those that are safe; ``on_case`` is told the name of each case."""

    def __init__(
        self, contract: Contract, patience: Patience, identities: Identities, *, changes: bool, on_case: Told
    ) -> None:
        self.judge = Judge(contract)
        self._patience = patience
        self._identities = identities
        self._things = Things(contract, patience, identities)
        self._bodies = Bodies(identities, self._things)
        self._changes = changes
        self._on_case = on_case
        self._empty: list[EmptyList] = []
        self._told: dict[str, dict[str, str]] = {}

    def probe(self, operation: Operation) -> Endpoint:
        """Return what ``operation`` does in each of its cases."""
        endpoint = Endpoint(operation.name, operation.summary)
        silent = False
        for planned in cases(operation):
            self._on_case(f"{operation.name}: {planned.name}")
            if silent:
                endpoint.cases.append(blocked(planned, "it did not answer the case before"))
                continue
            try:
                case = self._case(operation, planned)
            except NoAnswer as error:
                silent = error.timed_out
                case = failed(planned, str(error), error.ms)
            if case:
                endpoint.cases.append(case)
                if case.detail == EMPTY:
                    self._empty.append(EmptyList(operation, planned, endpoint, len(endpoint.cases) - 1))
        return endpoint

    def _case(self, operation: Operation, planned: Planned) -> Case | None:
        """Return the verdict on one case, or ``None`` where it does not apply.

        :raises NoAnswer:
        """
        if not operation.is_safe and not self._changes:
            return Case(planned.name, SKIPPED, str(planned.expected), detail=SKIPPED_BECAUSE, proves=planned.proves)
        if planned.proves and operation.needs:
            return blocked(planned, f"no {operation.needs} to test with")
        try:
            request = self._request(operation, planned)
            if request is None:
                return None
            answer = self._patience.ask(request)
            if self._session_has_ended(planned, answer):
                request = self._request(operation, planned) or request
                answer = self._patience.ask(request)
        except Unavailable as error:
            return blocked(planned, str(error))
        self._remember(operation, planned.identity, answer)
        case = self._verdict(operation, planned, request, answer)
        if planned.proves and 200 <= answer.status < 300 and not operation.is_safe:
            self._after_change(operation, planned, request, answer)
        return case

    def _request(self, operation: Operation, planned: Planned, path: str | None = None) -> Request | None:
        """Return the request of a case; ``None`` when there is nothing foreign to ask for.

        :raises Unavailable: something is not to be had.
        """
        if path is None:
            path = self._path(operation, planned)
        if path is None:
            return None
        query = query_of(operation, planned.replaced)
        body, headers = (
            self._bodies.body(operation, planned),
            headers_of(operation) | self._sent_back(operation, planned),
        )
        return Request(operation.method, path + query, self._identities.token(planned.identity), body, headers)

    def _remember(self, operation: Operation, identity: str, answer: Answer) -> None:
        """Keep what an answer says in headers that requests may have too, such as the token of a guest."""
        known = self._told.setdefault(identity, {})
        for name in (parameter.name for parameter in operation.of("header")):
            if value := answer.headers.get(name.lower()):
                known[name] = value

    def _sent_back(self, operation: Operation, planned: Planned) -> dict[str, str]:
        known = self._told.get(planned.identity, {})
        return {p.name: known[p.name] for p in operation.of("header") if p.name in known}

    def _path(self, operation: Operation, planned: Planned) -> str | None:
        if planned.foreign:
            return self._things.foreign_path(operation)
        if planned.replaced and planned.replaced[0].place == "path":
            parameter, value = planned.replaced
            shortened = replace(operation, path=operation.path.replace(f"{{{parameter.name}}}", value))
            return self._things.any_path(shortened)
        try:
            return self._things.path(operation, planned.identity)
        except Unavailable:
            if planned.proves:
                raise
            return self._things.any_path(operation)

    def _session_has_ended(self, planned: Planned, answer: Answer) -> bool:
        """Return whether the 401 is because of a probe before, and the identity has a new session by now.

        Who signs in sends no token, but the user's password: it is the user's account that may be gone.
        """
        if answer.status != 401 or 401 in planned.expected.statuses or planned.identity == BAD_TOKEN:
            return False
        return self._identities.renew(USER if planned.identity == NOBODY else planned.identity)

    def _verdict(self, operation: Operation, planned: Planned, request: Request, answer: Answer) -> Case:
        findings = self.judge.findings(operation, planned.expected, answer)
        case = answered(planned.name, operation, str(planned.expected), answer, findings)
        case = replace(case, url=request.path, proves=planned.proves)
        if findings and planned.proves and self._identities.are_bare and lacks_something(operation, answer):
            more = "it takes more than an account that registers"
            return replace(case, state=BLOCKED, detail=f"{answer.phrase}{reason_of(answer)}: {more}")
        if findings or not planned.proves or listed_in(answer.data()) != []:
            return case
        if self._things.exists(request.path.partition("?")[0]):
            return replace(case, state=FAIL, detail="the list is empty, although there is something to list")
        return replace(case, state=BLOCKED, detail=EMPTY)

    def _after_change(self, operation: Operation, planned: Planned, request: Request, answer: Answer) -> None:
        """Take note of a change, and look again at the lists that were empty before it."""
        self._bodies.keep(planned.identity, request.body)
        self._things.learn(operation, request.path, answer)
        if operation.method != "POST":
            return
        for empty in [e for e in self._empty if e.operation.tag == operation.tag]:
            if case := self._no_longer_empty(empty, request):
                empty.endpoint.cases[empty.position] = case
                self._empty.remove(empty)

    def _no_longer_empty(self, empty: EmptyList, change: Request) -> Case | None:
        """Return the verdict on a list that was empty, if ``change`` has put something in it."""
        for path in self._places(empty.operation, change):
            try:
                request = self._request(empty.operation, empty.planned, path)
                answer = self._patience.ask(request) if request else None
            except (Unavailable, NoAnswer):
                continue
            if request and answer and listed_in(answer.data()):
                return self._verdict(empty.operation, empty.planned, request, answer)
        return None

    def _places(self, operation: Operation, change: Request) -> Iterator[str]:
        """Yield where ``change`` may show: for a list of some person or thing, on both sides of the change."""
        if "{" not in operation.path:
            yield operation.path
        elif operation.path.count("{") == 1:
            head, _, tail = operation.path.partition("{")
            sides: list[Any] = [part for part in change.path.split("/") if len(part) == 24]
            with suppress(Unavailable):
                sides.append(self._identities.account(USER).id)
            yield from (f"{head}{side}{tail.partition('}')[2]}" for side in sides)


def lacks_something(operation: Operation, answer: Answer) -> bool:
    """Return whether a success failed for want of something, in a way that is documented: an empty cart, no coins."""
    return answer.status in (404, 409) and answer.status in operation.responses


def answered(name: str, operation: Operation, expected: str, answer: Answer, findings: list[str]) -> Case:
    """Return the verdict on an answer with these ``findings``."""
    target = group_of(operation.path).target or DEFAULT_TARGET_MS
    state, detail = (FAIL, "; ".join(findings)) if findings else (PASS, "")
    if not findings and answer.ms > target:
        state, detail = DEGRADED, f"right, but it took {answer.ms:.0f} ms; the target is {target} ms"
    return Case(name, state, expected, answer.status, answer.ms, target, detail, answer.request_id)


def blocked(planned: Planned, reason: str) -> Case:
    """Return that a case could not be asked."""
    return Case(planned.name, BLOCKED, str(planned.expected), detail=reason, proves=planned.proves)


def failed(planned: Planned, reason: str, ms: float | None = None) -> Case:
    """Return that a case got no usable answer."""
    return Case(planned.name, FAIL, str(planned.expected), ms=ms, detail=reason, proves=planned.proves)
