"""What a caption names: hashtags and people."""

import re
import unicodedata
from collections.abc import Iterable

MAX_HASHTAG = 50
MAX_HASHTAGS, MAX_MENTIONS = 30, 20
# Not behind a letter, so that an address (ada@example.com) or a fragment (page#top) names nobody and nothing.
HASHTAG = re.compile(r"(?<![\w&/])#(\w{1,100})")
MENTION = re.compile(r"(?<![\w.@/])@([A-Za-z0-9_]{3,30})(?!\w)")


def hashtags(caption: str, given: Iterable[str] = ()) -> list[str]:
    """Return the hashtags of ``caption`` and those that were given besides, in one spelling, each once, in order."""
    named = [*HASHTAG.findall(caption), *(text.strip().lstrip("#") for text in given)]
    tags = (spelled(tag) for tag in named)
    return list(dict.fromkeys(tag for tag in tags if tag))[:MAX_HASHTAGS]


def spelled(hashtag: str) -> str:
    """Return ``hashtag`` as it is stored and found: compatible forms, no case; empty where it is only digits."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", hashtag).casefold())
    word = "".join(re.findall(r"\w+", folded))[:MAX_HASHTAG]
    return "" if word.isdigit() or not word.strip("_") else word


def usernames(caption: str) -> list[str]:
    """Return whom ``caption`` mentions, each once, in order, in the case they are written in."""
    return list({name.casefold(): name for name in reversed(MENTION.findall(caption))}.values())[::-1][:MAX_MENTIONS]
