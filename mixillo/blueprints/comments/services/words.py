"""Words that comments may not hold: what has a blocked one is refused, what has a hidden one waits for administrators.

Both lists are one of the owner's settings. Words are found as such, in any case, with or without accents, also where
invisible characters stand between their letters; "class" is no bad word for what is in it.
"""

import re
import unicodedata
from typing import Any

from mixillo.blueprints.comments.models import Setting
from mixillo.core import audit_log, clock
from mixillo.core.db import transact
from mixillo.core.kept import keeper, kept
from mixillo.core.security import Viewer
from mixillo.errors import Forbidden

KEY = "comments.words"
CHANGED = "comments.words_changed"
BLOCKED, HIDDEN = LISTS = ("blocked", "hidden")
# Other instances learn of a change within this time.
SECONDS_KEPT = 10.0
# Combining marks and invisible characters.
SKIPPED = ("Mn", "Cf")
Words = dict[str, list[str]]


class WordBlocked(Forbidden):
    """The text has words that are not welcome here."""

    code, title = "comment_refused", "These words are not welcome here"


def lists() -> Words:
    """Return ``{blocked, hidden}``, as they were given."""
    stored = Setting.collection().find_one({"key": KEY}, {"value": 1}) or {}
    return {name: list((stored.get("value") or {}).get(name) or []) for name in LISTS}


def replace(admin: Viewer, words: Words) -> Words:
    """Set the lists that are named and return both; comments that are there already stay as they are."""

    def work(session: Any) -> Words:
        settings, now = Setting.collection(), clock.now()
        stored = settings.find_one({"key": KEY}, {"value": 1}, session=session) or {}
        before = {name: (stored.get("value") or {}).get(name) or [] for name in LISTS}
        after = before | words
        made = Setting(key=KEY, description="Words that comments may not hold").to_mongo().to_dict()
        del made["value"], made["updatedAt"]
        changed = {"value": after, "updatedBy": admin.id, "updatedAt": now}
        settings.update_one({"key": KEY}, {"$set": changed, "$setOnInsert": made}, upsert=True, session=session)
        audit_log.record(
            CHANGED,
            actor={"kind": "user", "id": admin.id, "name": admin.username},
            target=settings.name,
            target_id=KEY,
            changes={"before": before, "after": after},
            session=session,
        )
        return after

    after = transact(work)
    keeper().forget()
    return after


def holds_back(text: str) -> bool:
    """Return whether what says ``text`` is to wait for an administrator.

    :raises WordBlocked: it is not to be stored at all.
    """
    phrases = kept(
        KEY, SECONDS_KEPT, lambda: {name: [spelled(each) for each in given] for name, given in lists().items()}
    )
    spoken = f" {spelled(text)} "
    if _any(phrases[BLOCKED], spoken):
        raise WordBlocked("Please say it otherwise.")
    return _any(phrases[HIDDEN], spoken)


def spelled(text: str) -> str:
    """Return the words of ``text`` in the spelling that they are compared in, with a space between them."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept_ones = "".join(character for character in folded if unicodedata.category(character) not in SKIPPED)
    return " ".join(re.findall(r"\w+", kept_ones.replace("_", " ")))


def _any(phrases: list[str], spoken: str) -> bool:
    return any(f" {phrase} " in spoken for phrase in phrases if phrase)
