"""What a run of the probes says of an endpoint."""

from mixillo.ops.probes.model import FAIL, Case, Endpoint, ProbeRun


def endpoint(run: ProbeRun, name: str) -> Endpoint:
    return next(e for e in run.endpoints if e.name == name)


def case(run: ProbeRun, name: str, case_name: str) -> Case:
    return next(c for c in endpoint(run, name).cases if c.name == case_name)


def failing(run: ProbeRun) -> set[tuple[str, str]]:
    return {(e.name, c.name) for e in run.endpoints for c in e.cases if c.state == FAIL}
