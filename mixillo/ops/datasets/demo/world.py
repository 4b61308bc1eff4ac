"""What all parts of the demo share: the dice, the present, the makers of names and documents."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from faker import Faker

from mixillo.ops.datasets.documents import DocumentFactory

NAME = "demo"
SEED = 2025
MEDIA = "https://media.mixillo.example"
# Where people come from: locale, country, how often.
HOMES = (
    ("en_US", "US", 40),
    ("en_GB", "GB", 18),
    ("de_DE", "DE", 14),
    ("fr_FR", "FR", 10),
    ("es_ES", "ES", 10),
    ("pt_BR", "BR", 8),
)
CITIES = {
    "en_US": ("Austin", "Chicago", "Portland", "New Orleans", "Oakland"),
    "en_GB": ("Leeds", "Bristol", "Glasgow", "Manchester", "Brighton"),
    "de_DE": ("Berlin", "Leipzig", "Köln", "Hamburg", "München"),
    "fr_FR": ("Lyon", "Nantes", "Marseille", "Lille", "Toulouse"),
    "es_ES": ("Valencia", "Sevilla", "Bilbao", "Málaga", "Madrid"),
    "pt_BR": ("Recife", "Curitiba", "São Paulo", "Salvador", "Belém"),
}
# What people wrote, saw and bought is that old at most: rows of `views` expire after 90 days.
SEASON = timedelta(days=60)

Item = TypeVar("Item")


class World:
    """One run of the demo; the same ``moment`` and ``seed`` tell the same story."""

    def __init__(self, moment: datetime, seed: int) -> None:
        self.moment = moment.replace(microsecond=0)
        self.season = self.moment - SEASON
        self.make = DocumentFactory(NAME)
        self.rng = random.Random(seed)  # noqa: S311 - a reproducible story, not a secret
        self._fakers = {locale: Faker(locale) for locale, _country, _share in HOMES}
        for faker in self._fakers.values():
            faker.seed_instance(seed)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, items: Sequence[Item]) -> Item:
        return items[int(self.rng.random() * len(items))]

    def sample(self, items: Sequence[Item], up_to: int) -> list[Item]:
        """Return between one and ``up_to`` different items."""
        return self.rng.sample(items, self.rng.randint(1, min(up_to, len(items))))

    def between(self, start: datetime, end: datetime, soon: float = 1) -> datetime:
        """Return a time from ``start`` on and before ``end``; the higher ``soon``, the nearer to the start."""
        span = (end - start).total_seconds()
        return start + timedelta(seconds=int(span * self.rng.random() ** soon))

    def ago(self, **span: float) -> datetime:
        """Return the time that long before the present, as ``timedelta`` counts it (days, hours, minutes)."""
        return self.moment - timedelta(**span)

    def home(self) -> tuple[str, str]:
        """Return the locale and the country somebody comes from."""
        locale, country, _share = self.rng.choices(HOMES, [home[2] for home in HOMES])[0]
        return locale, country

    def address(self, locale: str) -> tuple[str, str, str]:
        """Return street, post code and city of somewhere in the country of ``locale``."""
        faker = self._fakers[locale]
        return faker.street_address().replace("\n", ", "), faker.postcode(), self.pick(CITIES[locale])

    def fake(self, locale: str = "en_US") -> Faker:
        return self._fakers[locale]
