"""One run of the probes against a server, from its document to the last account removed."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mixillo.core import clock
from mixillo.ops.probes import contract as documents
from mixillo.ops.probes.accounts import Accounts, Registered
from mixillo.ops.probes.asking import Patience, Unavailable
from mixillo.ops.probes.cases import Cases
from mixillo.ops.probes.contract import Contract, ContractError, Operation
from mixillo.ops.probes.derive import cases, order
from mixillo.ops.probes.http import NoAnswer, Request, Server
from mixillo.ops.probes.identities import Identities
from mixillo.ops.probes.model import BLOCKED, FAIL, PASS, Case, Endpoint, Module, ProbeRun
from mixillo.ops.probes.scenarios import Scenario, declared
from mixillo.ops.probes.sockets import MODULE as SOCKETS
from mixillo.ops.probes.sockets.contract import introduced
from mixillo.ops.probes.sockets.telling import Talks
from mixillo.ops.probes.stories import Stories

PRODUCTION = "production"
UNKNOWN = "unknown"
DOCUMENT = "documentation"
Progress = Callable[[int, int, str], None]


class UnknownModule(ValueError):
    """The document has no such module; the message names those it has."""


@dataclass(frozen=True)
class Limits:
    """How long things may take, in seconds: one request, the whole run, and waiting for rate limits in it."""

    request: float = 10.0
    run: float = 900.0
    waiting: float = 600.0


def run(
    base_url: str,
    *,
    module: str | None = None,
    unsafe: bool = False,
    accounts: Accounts | None = None,
    tokens: dict[str, str] | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> ProbeRun:
    """Probe the server at ``base_url`` and return what was found; a broken server is a finding, never an error.

    ``module`` names the one module to probe. Where the server says that it is in production, or does not say
    where it is, only safe methods are used and no account is made, unless ``unsafe``. ``accounts`` are where
    accounts come from (the target's database); without, they register through the API. ``tokens`` by identity
    (``user``, ``other user``, ``admin``) are used instead. ``progress(done, total, label)`` is told every case;
    what it raises ends the run, after cleaning up.

    :raises BadAddress: ``base_url`` is of no use.
    :raises UnknownModule: there is no such module.
    """
    limits = limits or Limits()
    patience = Patience(
        Server(base_url.rstrip("/"), limits.request), seconds=limits.run, waiting=limits.waiting, sleep=sleep
    )
    found = ProbeRun(base_url.rstrip("/"), clock.now(), module)
    _introduce(found, patience)
    found.unsafe = unsafe or found.environment not in (PRODUCTION, UNKNOWN)
    contract, endpoint = _document(patience)
    if contract:
        source = (accounts or Registered(patience)) if found.unsafe else None
        identities = Identities(patience, source, tokens or {})
        try:
            talks = _talks(found, patience, identities, limits)
            found.modules = _probe(contract, patience, identities, found, talks, progress or _unheard)
        finally:
            # Also where no account is made: a run that was killed may have left some.
            if cleaner := source or accounts:
                found.notes += cleaner.remove()
    if module is None or endpoint.state == FAIL:
        found.modules.insert(0, Module(DOCUMENT, [endpoint, *_faults(contract)]))
    found.finished_at = clock.now()
    return found


def _introduce(found: ProbeRun, patience: Patience) -> None:
    """Note what the server says of itself."""
    answer = patience.try_ask(Request("GET", "/health"))
    told = answer.object() if answer else {}
    for name in ("environment", "version", "revision"):
        setattr(found, name, str(told.get(name) or UNKNOWN)[:100])
    if found.environment == UNKNOWN:
        found.notes.append("/health does not say where this is, so it was treated like production.")


def _document(patience: Patience) -> tuple[Contract | None, Endpoint]:
    """Fetch the document and return it with the verdict on it."""
    endpoint = Endpoint(f"GET {documents.PATH}", "The OpenAPI document")
    contract, status, fault = None, None, ""
    try:
        answer = patience.ask(Request("GET", documents.PATH))
        status = answer.status
        if answer.status == 200:
            contract = Contract.of(answer.json())
        else:
            fault = f"expected 200, got {answer.phrase}; without the document nothing can be derived"
    except (NoAnswer, Unavailable, ContractError) as error:
        fault = str(error)
    except ValueError:
        fault = "the document is not JSON"
    endpoint.cases = [Case("document", FAIL if fault else PASS, "200", status, detail=fault, proves=True)]
    return contract, endpoint


def _faults(contract: Contract | None) -> Iterator[Endpoint]:
    """Yield a failing endpoint for each operation that the document describes unusably."""
    for name, fault in (contract.faults if contract else {}).items():
        detail = f"its description cannot be used: {fault}"
        yield Endpoint(name, cases=[Case("description", FAIL, detail=detail, proves=True)])


def _probe(
    contract: Contract,
    patience: Patience,
    identities: Identities,
    found: ProbeRun,
    talks: Talks | None,
    progress: Progress,
) -> list[Module]:
    """Probe every operation and scenario that was asked for, and talk over sockets last.

    :raises UnknownModule:
    """
    operations = [o for o in order(contract.operations) if found.module in (None, o.tag)]
    tags = list(dict.fromkeys(operation.tag for operation in contract.operations))
    if not operations and talks is None:
        raise UnknownModule(f"There is no module {found.module!r}; there are {', '.join(sorted(tags))}.")
    scenarios = [s for s in declared() if s.module in tags and found.module in (None, s.module)]
    count = _Count(_total(operations, scenarios) + (talks.total if talks else 0), progress)
    patience.on_wait = count.waits
    asking = Cases(contract, patience, identities, changes=found.unsafe, on_case=count)
    telling = Stories(contract, asking.judge, patience, identities, changes=found.unsafe, on_case=count)
    modules = {tag: Module(tag) for tag in tags if found.module in (None, tag)}
    probed = {operation.name: asking.probe(operation) for operation in operations}
    for operation in contract.operations:  # shown in the order of the document
        if operation.name in probed:
            modules[operation.tag].endpoints.append(probed[operation.name])
    for scenario in scenarios:
        modules[scenario.module].endpoints.append(telling.tell(scenario))
    for name, case in telling.seen.items():
        if name in probed and probed[name].state == BLOCKED:  # what took a story to come to is seen all the same
            probed[name].cases.append(case)
    found_here = [*modules.values(), *([talks.tell(count)] if talks else [])]
    progress(count.total, count.total, "done")
    return found_here


def _talks(found: ProbeRun, patience: Patience, identities: Identities, limits: Limits) -> Talks | None:
    """Return the talks over sockets; ``None`` when they are not asked for, or the server has no live events."""
    events = introduced(patience) if found.module in (None, SOCKETS) else None
    if events is None:
        return None
    return Talks(found.base_url, events, patience, identities, changes=found.unsafe, seconds=limits.request)


def _total(operations: list[Operation], scenarios: list[Scenario]) -> int:
    return sum(len(cases(operation)) for operation in operations) + sum(len(s.steps) for s in scenarios)


class _Count:
    """Tells ``progress`` the name of each case with its place among all."""

    def __init__(self, total: int, progress: Progress) -> None:
        self.total = total
        self._done = 0
        self._label = ""
        self._progress = progress

    def __call__(self, label: str) -> None:
        self._label = label
        self._progress(self._done, self.total, label)
        self._done += 1

    def waits(self, seconds: float) -> None:
        """Say why nothing goes on."""
        self._progress(self._done, self.total, f"{self._label} (waiting {seconds:g} s for the rate limit)")


def _unheard(_done: int, _total: int, _label: str) -> None:
    pass
