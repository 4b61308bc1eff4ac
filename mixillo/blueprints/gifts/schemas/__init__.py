"""Shapes of gifts: what is asked (`asked`) and what is shown (`shown`)."""

from mixillo.blueprints.gifts.schemas.asked import (
    AffordabilitySchema,
    CatalogueQuery,
    GiftChangesSchema,
    LeaderboardQuery,
    LimitQuery,
    NewGiftSchema,
    SendSchema,
)
from mixillo.blueprints.gifts.schemas.shown import (
    GiftSchema,
    GiftTransactionSchema,
    GivenSchema,
    HeldSchema,
    RankSchema,
    ReceivedSchema,
)

__all__ = [
    "AffordabilitySchema",
    "CatalogueQuery",
    "GiftChangesSchema",
    "GiftSchema",
    "GiftTransactionSchema",
    "GivenSchema",
    "HeldSchema",
    "LeaderboardQuery",
    "LimitQuery",
    "NewGiftSchema",
    "RankSchema",
    "ReceivedSchema",
    "SendSchema",
]
