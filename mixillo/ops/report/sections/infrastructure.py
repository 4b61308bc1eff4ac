"""Infrastructure: what runs where, how it is configured, which variables and secrets are there."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from mixillo.config import Settings, declarations
from mixillo.core.db import REQUEST_TIMEOUT_MS
from mixillo.ops.report.checks import Check
from mixillo.ops.report.checks.protection import faults_of
from mixillo.ops.report.evidence import Evidence
from mixillo.ops.report.sections.grading import of_areas, result, state_of
from mixillo.ops.report.tree import (
    DEGRADED,
    DOWN,
    NONE,
    OK,
    UNKNOWN,
    Cell,
    Fact,
    Facts,
    Heading,
    Section,
    Table,
    code,
)
from mixillo.ops.report.wording import count, megabytes, moment, plural

# What the original report lists comes first.
FIRST = ("MONGODB_URI", "JWT_SECRET", "JWT_REFRESH_SECRET", "NODE_ENV", "DATABASE_MODE")
UNSET = ("", "-1")
SEEN_LATELY = timedelta(minutes=10)
HERE = "of the process that made this report"
OUTSIDE = "not visible from inside; deploy/service.yaml asks for it"


def infrastructure(evidence: Evidence, checks: Sequence[Check]) -> Section:
    """Tell of service, configuration, environment, HTTPS and networking."""
    own = of_areas(checks, "Secrets", "Migrations")
    blocks = (
        Heading("Service status"),
        Facts(tuple(_service(evidence))),
        Heading("Configuration verified"),
        Facts(tuple(_configuration(evidence))),
        Heading("Environment variables and secrets"),
        Table("Environment variables", ("Variable", "Status", "Kind"), tuple(_variables(evidence.settings))),
        Heading("HTTPS and domain"),
        Facts(tuple(_domain(evidence.settings))),
        Heading("Networking"),
        Facts(tuple(_networking(evidence))),
        result(own),
    )
    return Section("infrastructure", "Infrastructure", blocks, state_of(own))


def _service(evidence: Evidence) -> Iterator[Fact]:
    running = evidence.running or {}
    settings = evidence.settings
    yield Fact("Service", Cell(running.get("service") or settings.service or "not named"), "K_SERVICE")
    yield Fact("Region", Cell(running.get("region") or settings.region or "not named"), "MIXILLO_REGION")
    yield Fact("Current revision", Cell(running.get("revision") or "none has recorded itself"))
    yield Fact("Version", Cell(running.get("version") or "unknown"))
    yield Fact("Configuration fingerprint", Cell(running.get("fingerprint") or "unknown"))
    yield Fact("URL", code(settings.base_url))
    yield Fact("Environment", Cell(settings.environment))
    yield Fact("Instances seen", Cell(count(evidence.instances)), f"by their heartbeats in {evidence.period}")
    yield Fact("Status", _status(running, evidence))


def _status(running: dict[str, Any], evidence: Evidence) -> Cell:
    if not running:
        return Cell("not measured: run `mixillo serve`", UNKNOWN)
    seen = running["lastSeenAt"]
    said = f"last seen {moment(seen)}"
    return Cell(f"running, {said}", OK) if evidence.at - seen <= SEEN_LATELY else Cell(f"not running now, {said}", DOWN)


def _configuration(evidence: Evidence) -> Iterator[Fact]:
    settings, cpu, memory = evidence.settings, evidence.cpu, evidence.memory
    limit = f"{cpu.limit:g} CPUs" if cpu.limit else f"no limit; the machine has {cpu.machine}"
    yield Fact("CPU", Cell(limit), HERE)
    of = "the limit" if memory.limit else "no limit but the machine's"
    yield Fact("Memory", Cell(f"{megabytes(memory.used)} of {megabytes(memory.available)}, {of}"), HERE)
    yield Fact("Database timeout", Cell(f"{REQUEST_TIMEOUT_MS / 1000:g} s"), "then a request is answered with 503")
    yield Fact("Request timeout", Cell("set by the platform"), OUTSIDE)
    yield Fact("Max instances", Cell("set by the platform"), OUTSIDE)
    yield Fact("Port", Cell(str(settings.port)))
    yield Fact("Worker", Cell(settings.worker))
    yield Fact("Rate limit", Cell(settings.rate_limit), "per user, or per address when nobody is signed in")
    yield Fact("Request body", Cell(f"at most {plural(settings.max_body_bytes, 'byte')}"))
    yield Fact("Access token", Cell(f"{settings.access_token_minutes} min"))
    yield Fact("Refresh token", Cell(f"{settings.refresh_token_days} d"))


def _variables(settings: Settings) -> Iterator[tuple[Cell, ...]]:
    declared = {each.metadata["name"]: each for each in declarations()}
    faults = faults_of(settings)
    for name in (*FIRST, *(name for name in declared if name not in FIRST)):
        each = declared[name]
        value, is_secret = getattr(settings, each.name), each.metadata["secret"]
        if name in faults:
            state = Cell(faults[name], DOWN)
        elif is_secret:
            state = Cell("set", OK) if value else Cell("not set")
        else:
            state = Cell(_shown(value), OK if value != each.default or name in FIRST else NONE)
        kind = "secret, never shown" if is_secret else "default" if value == each.default else "from the environment"
        yield code(name), state, Cell(kind)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    return "not set" if text in UNSET else text


def _domain(settings: Settings) -> Iterator[Fact]:
    is_https = settings.base_url.startswith("https://")
    if is_https:
        yield Fact("HTTPS", Cell("enforced" if settings.is_production else "used", OK), "by MIXILLO_PUBLIC_URL")
    else:
        state = DEGRADED if settings.is_production else NONE
        yield Fact("HTTPS", Cell("not known: the public URL is not https", state), "MIXILLO_PUBLIC_URL")
    hsts = "sent, one year" if settings.is_production else "sent in production only"
    yield Fact("Strict-Transport-Security", Cell(hsts))
    yield Fact("Certificate", Cell("kept by the platform"), OUTSIDE)


def _networking(evidence: Evidence) -> Iterator[Fact]:
    settings = evidence.settings
    yield Fact("CORS origins", Cell(", ".join(settings.cors_origins) or "our own only"))
    yield Fact("Trusted proxies", Cell(str(settings.proxies)))
    several = evidence.instances > 1 and not settings.redis_url
    link = "Redis" if settings.redis_url else "none: each works alone" if several else "none: one instance works alone"
    yield Fact("Events between instances", Cell(link, DEGRADED if several else NONE), "REDIS_URL")
    yield Fact("Health checks", _health(evidence))


def _health(evidence: Evidence) -> Cell:
    modules = (evidence.probes or {}).get("modules", [])
    found = next((module for module in modules if module["name"].lower() == "health"), None)
    if found is None:
        return Cell("not measured: run `mixillo probe`", UNKNOWN)
    passing = found["passing"] == found["judged"]
    return Cell(f"{found['passing']}/{found['judged']} endpoints pass their probes", OK if passing else DOWN)
