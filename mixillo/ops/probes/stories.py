"""Telling the scenarios: step by step, each held against its operation's contract like any case."""

from collections.abc import Callable
from dataclasses import replace

from mixillo.ops.probes.asking import Patience, Unavailable
from mixillo.ops.probes.cases import SKIPPED_BECAUSE, answered
from mixillo.ops.probes.contract import Contract
from mixillo.ops.probes.http import NoAnswer, Request
from mixillo.ops.probes.identities import Identities
from mixillo.ops.probes.judge import Expectation, Judge
from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS, SKIPPED, Case, Endpoint
from mixillo.ops.probes.scenarios import Memory, Scenario, Step, address, differences, filled, keep, remembered


class Stories:
    """Tells scenarios with accounts of their own; without ``changes`` they are skipped."""

    def __init__(
        self,
        contract: Contract,
        judge: Judge,
        patience: Patience,
        identities: Identities,
        *,
        changes: bool,
        on_case: Callable[[str], None],
    ) -> None:
        self._contract = contract
        self._judge = judge
        self._patience = patience
        self._identities = identities
        self._changes = changes
        self._on_case = on_case
        self.seen: dict[str, Case] = {}  # by operation: the step in which it did what it is for

    def tell(self, scenario: Scenario) -> Endpoint:
        """Return what each step of ``scenario`` did."""
        endpoint = Endpoint(f"scenario: {scenario.name}")
        memory, broken_at = self._beginning(), ""
        for step in scenario.steps:
            self._on_case(f"{endpoint.name}: {step.name}")
            case = self._blocked(step, f"“{broken_at}” did not work") if broken_at else self._step(step, memory)
            if case.actual != step.expected and not broken_at:
                broken_at = step.name
            case = replace(case, proves=200 <= step.expected < 300)
            endpoint.cases.append(case)
            if case.proves and case.state in (PASS, DEGRADED):
                self.seen[f"{step.method} {step.path}"] = replace(case, name=f"in {endpoint.name}")
        return endpoint

    def _beginning(self) -> Memory:
        return remembered(self._identities.fresh()) if self._changes else {}

    def _step(self, step: Step, memory: Memory) -> Case:
        if not self._changes:
            return Case(step.name, SKIPPED, str(step.expected), detail=SKIPPED_BECAUSE)
        operation = self._contract.find(step.method, step.path)
        if operation is None:
            return self._blocked(step, f"the document has no {step.method} {step.path}")
        try:
            token = self._token(step, memory)
            request = Request(step.method, address(step, memory), token, filled(step.body, memory))
            answer = self._patience.ask(request)
        except Unavailable as error:
            return self._blocked(step, str(error))
        except NoAnswer as error:
            return Case(step.name, FAIL, str(step.expected), ms=error.ms, detail=str(error), url=step.path)
        expected = Expectation(frozenset({step.expected}))
        findings = self._judge.findings(operation, expected, answer)
        if answer.status == step.expected:
            body = answer.object()
            keep(step, body, memory)
            findings += differences(step, body, memory)
        return replace(answered(step.name, operation, str(expected), answer, findings), url=request.path)

    def _token(self, step: Step, memory: Memory) -> str | None:
        """Return what is sent as the token.

        :raises Unavailable: there is nobody of that identity.
        """
        if step.identity:
            return self._identities.token(step.identity)
        return memory.get("$token") if step.as_user else None

    @staticmethod
    def _blocked(step: Step, reason: str) -> Case:
        return Case(step.name, BLOCKED, str(step.expected), detail=reason)
