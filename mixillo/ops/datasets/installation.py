"""Documents that any installation starts with: currencies, languages, stream providers and the like.

Nothing here holds a key or a password; providers read theirs from the environment.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mixillo.ops.datasets.documents import Document, DocumentFactory

CURRENCIES = (
    # code, name, symbol, units for one dollar
    ("USD", "US Dollar", "$", 1),
    ("EUR", "Euro", "€", 0.86),
    ("GBP", "Pound Sterling", "£", 0.76),
)
LANGUAGES = (
    # code, name, own name, written from right to left
    ("en", "English", "English", False),
    ("ar", "Arabic", "العربية", True),
)
STREAM_PROVIDERS = (
    # name, shown as, minutes a month
    ("agora", "Agora", 10000),
    ("zegocloud", "ZEGOCLOUD", 10000),
    ("webrtc", "WebRTC", None),
)
SETTINGS: tuple[tuple[str, Any, str, str, str], ...] = (
    ("site_name", "Mixillo", "string", "general", "Name shown to users"),
    ("support_email", "support@mixillo.example", "string", "email", "Where users write for help"),
)
TERMS = """# Terms of use

**1. Who may use Mixillo.** You are at least 16 years old and give your real name where we ask for it.

**2. What you publish stays yours.** You allow us to store it, to show it to the people you chose and to make
smaller copies of it so that it loads quickly. You publish only what you made or may use.

**3. What does not belong here.** Harassment, hate, violence against people or animals, nudity of minors,
spam, fraud, and goods that are forbidden by law. We remove such content and may close the account.

**4. Coins and gifts.** Coins are bought with money and spent on gifts; they are not a currency and bear no
interest. A purchase can be returned within 14 days as long as none of its coins has been spent.

**5. Selling.** Sellers answer for their goods, describe them truthfully, ship in time and take returns within
30 days. We hold the payment until the order is shipped.

**6. Ending it.** You can delete your account at any time. What you bought and sold stays in our books for as
long as the law asks.
"""


def currencies(make: DocumentFactory, created: datetime) -> list[Document]:
    return [
        make.stamped(
            "currencies",
            created,
            {
                "code": code,
                "name": name,
                "symbol": symbol,
                "exchangeRate": rate,
                "baseCurrency": "USD",
                "isActive": True,
                "isDefault": code == "USD",
                "decimalPlaces": 2,
                "lastUpdated": created,
            },
        )
        for code, name, symbol, rate in CURRENCIES
    ]


def languages(make: DocumentFactory, created: datetime) -> list[Document]:
    return [
        make.stamped(
            "languages",
            created,
            {
                "code": code,
                "name": name,
                "nativeName": own_name,
                "isActive": True,
                "isDefault": code == "en",
                "rtl": rtl,
                "completionPercentage": 100 if code == "en" else 0,
            },
        )
        for code, name, own_name, rtl in LANGUAGES
    ]


def stream_providers(make: DocumentFactory, created: datetime) -> list[Document]:
    return [
        make.stamped(
            "streamproviders",
            created,
            {
                "name": name,
                "displayName": shown,
                "enabled": True,
                "status": "active",
                "priority": priority,
                "monthlyUsage": 0,
                "usageLimit": limit,
            },
        )
        for priority, (name, shown, limit) in enumerate(STREAM_PROVIDERS, 1)
    ]


def settings(make: DocumentFactory, created: datetime, author: Document) -> list[Document]:
    return [
        make.stamped(
            "settings",
            created,
            {
                "key": key,
                "value": value,
                "type": kind,
                "category": category,
                "description": description,
                "isPublic": True,
                "updatedBy": author["_id"],
            },
        )
        for key, value, kind, category, description in SETTINGS
    ]


def pages(make: DocumentFactory, created: datetime, author: Document) -> list[Document]:
    page: Mapping[str, Any] = {
        "title": "Terms of use",
        "slug": "terms",
        "content": TERMS,
        "type": "terms",
        "isPublished": True,
        "seoTitle": "Mixillo terms of use",
        "author": author["_id"],
    }
    return [make.stamped("pages", created, page)]


def shipping_methods(make: DocumentFactory, created: datetime) -> list[Document]:
    method: Mapping[str, Any] = {
        "name": "Standard",
        "code": "standard",
        "type": "standard",
        "description": "5.99, free above 50.00",
        "carrier": {"name": "DHL", "service": "Parcel"},
        "cost": 5.99,
        "isActive": True,
        "estimatedDays": 5,
        "zonesSupported": ["EU", "UK", "US"],
    }
    return [make.stamped("shippingmethods", created, method)]
