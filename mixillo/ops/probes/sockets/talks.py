"""Talks over sockets: stories of several steps, which features declare and every run tells."""

from collections.abc import Callable
from dataclasses import dataclass

from mixillo.ops.probes.sockets.stage import Stage

MODULE = "sockets"
# Returns in words what came of it; what it raises is the verdict.
Does = Callable[[Stage], str]


@dataclass(frozen=True)
class Step:
    """One thing that is done or heard: ``expected`` in the words that :attr:`does` returns when it is so.

    ``changes`` marks what is not done where nothing may be changed; ``always`` what is done whatever came before, to
    clear up.
    """

    name: str
    expected: str
    does: Does
    changes: bool = True
    always: bool = False


@dataclass(frozen=True)
class Talk:
    """A story of ``people``; when a step fails, those after it cannot be told."""

    name: str
    summary: str
    people: tuple[str, ...]
    steps: tuple[Step, ...]


_talks: dict[str, Talk] = {}


def declare(talk: Talk) -> None:
    """Let every run tell ``talk``."""
    _talks[talk.name] = talk


def declared() -> list[Talk]:
    """Return every talk, by name."""
    return [talk for _, talk in sorted(_talks.items())]
