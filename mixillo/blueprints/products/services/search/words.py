"""From text to words, and how far apart two words are. What people type is never made a regular expression."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

WORD = re.compile(r"[^\W_]+")
MAX_WORD, MAX_WORDS = 32, 8
# Below that a word has too many neighbours to guess at.
SHORTEST_TO_CORRECT = 4


@lru_cache(maxsize=16_384)
def plain_word(word: str) -> str:
    """Return ``word`` in one spelling; the same ones come again and again."""
    return plain(word)


def plain(text: str) -> str:
    """Return ``text`` in one spelling: compatible forms, no case, no accents."""
    if text.isascii():
        return text.lower()
    # What is decomposed may have a case of its own (𝓐 is A), and what is folded may be decomposed further.
    folded = unicodedata.normalize("NFKD", text).casefold()
    spread = unicodedata.normalize("NFKD", folded)
    return "".join(character for character in spread if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    """Return the words of ``text`` in their order, each once."""
    return list(dict.fromkeys(word[:MAX_WORD] for word in WORD.findall(plain(text))))


def asked(text: str) -> list[str]:
    """Return the words of what somebody searches for; so many and no more count."""
    return words(text)[:MAX_WORDS]


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each word of ``text`` stands as it is written, and the word in its one spelling."""
    for match in WORD.finditer(text):
        yield match.start(), match.end(), plain_word(match[0])[:MAX_WORD]


def near(word: str) -> list[str]:
    """Return ``word`` and what is left of it without one of its letters.

    Two words are at most one typing error apart only if they have one of these in common.
    """
    if len(word) < SHORTEST_TO_CORRECT - 1:
        return [word]
    return list(dict.fromkeys([word, *(word[:i] + word[i + 1 :] for i in range(len(word)))]))


def is_one_error(one: str, other: str) -> bool:
    """Return whether one letter too many, too few, another, or two that changed places make ``other`` of ``one``."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    swapped = len(a) > 1 and a[1::-1] + a[2:] == b
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or swapped
