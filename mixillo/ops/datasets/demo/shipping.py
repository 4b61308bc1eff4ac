"""Where the demo's shops ship to: the zones that its shipping method names."""

from datetime import datetime

from mixillo.ops.datasets.documents import Document, DocumentFactory

ZONES = {
    "EU": (
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
        "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    ),
    "UK": ("GB",),
    "US": ("US",),
}  # fmt: skip


def shipping_zones(make: DocumentFactory, created: datetime) -> list[Document]:
    """Return the zones."""
    return [
        make.stamped(
            "shippingzones", created, {"name": name, "countries": list(countries), "regions": [], "isActive": True}
        )
        for name, countries in ZONES.items()
    ]
