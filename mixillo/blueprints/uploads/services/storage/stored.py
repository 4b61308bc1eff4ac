"""What a storage says of files."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stored:
    """A finished file."""

    size: int
    content_type: str


@dataclass(frozen=True)
class SignedAddress:
    """Where a file may be written for a while by ``PUT``, with exactly these headers."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
