"""What each word of a search may stand for: itself, what it begins, or what it was meant to be."""

from dataclasses import dataclass

from mixillo.blueprints.products.services.search import vocabulary
from mixillo.core.kept import kept

MOST_COMPLETIONS, MOST_CORRECTIONS = 8, 4
SECONDS_KEPT = 30.0
Alternatives = list[list[str]]


@dataclass(frozen=True)
class Expansion:
    """For each word that was asked for, what it may stand for; ``correction`` is the text with its errors mended."""

    words: Alternatives
    correction: str | None


def expanded(words: tuple[str, ...]) -> Expansion:
    """Return what each of ``words`` may stand for; some seconds old."""
    return kept(("search.expansion", words), SECONDS_KEPT, lambda: _expand(words))


def _expand(words: tuple[str, ...]) -> Expansion:
    there = vocabulary.usage(words)
    found, mended = [], []
    for number, word in enumerate(words):
        # Only the last word is still being typed; of one that nothing has, any end may be missing.
        completed = number == len(words) - 1 or word not in there
        alternatives = [word] * (word in there) + (vocabulary.completions(word, MOST_COMPLETIONS) if completed else [])
        mended.append(word)
        if not alternatives:
            alternatives = vocabulary.corrections(word, MOST_CORRECTIONS)
            mended[-1] = alternatives[0] if alternatives else word
        found.append(alternatives or [word])
    return Expansion(found, None if tuple(mended) == words else " ".join(mended))
