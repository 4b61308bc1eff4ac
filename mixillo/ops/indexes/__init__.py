"""Indexes: what they are, how much they are used, which are superfluous or missing, and changing them with care."""

from mixillo.ops.indexes.actions import (
    HIDDEN_FOR,
    IndexGuarded,
    IndexNotFound,
    IndexRefused,
    create,
    drop,
    hidden_since,
    hide,
    unhide,
)
from mixillo.ops.indexes.definition import Index
from mixillo.ops.indexes.recorded import judge_all, latest
from mixillo.ops.indexes.usage import sample, sampled_at
from mixillo.ops.indexes.verdicts import Verdict, verdicts

__all__ = [
    "HIDDEN_FOR",
    "Index",
    "IndexGuarded",
    "IndexNotFound",
    "IndexRefused",
    "Verdict",
    "create",
    "drop",
    "hidden_since",
    "hide",
    "judge_all",
    "latest",
    "sample",
    "sampled_at",
    "unhide",
    "verdicts",
]
