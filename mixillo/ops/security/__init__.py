"""What protects the service, as it is in force: asked of the application itself, not read from its source."""

from mixillo.ops.security.asking import Answer, ask
from mixillo.ops.security.exposure import HEADERS, Exposure, Seen, look
from mixillo.ops.security.findings import Finding, findings
from mixillo.ops.security.secrets import Secret, secrets
from mixillo.ops.security.trial import KIND, Limit, NoLimit, limits, trial

__all__ = [
    "HEADERS",
    "KIND",
    "Answer",
    "Exposure",
    "Finding",
    "Limit",
    "NoLimit",
    "Secret",
    "Seen",
    "ask",
    "findings",
    "limits",
    "look",
    "secrets",
    "trial",
]
