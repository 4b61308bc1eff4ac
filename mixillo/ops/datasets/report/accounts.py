"""The report's six users and nineteen wallets."""

from datetime import datetime, timedelta
from typing import NamedTuple

import bcrypt

from mixillo.core import clock
from mixillo.ops.datasets.documents import Document, DocumentFactory
from mixillo.ops.datasets.house import empty_wallet, house_wallets
from mixillo.ops.datasets.report.dates import LAUNCH, day


class Person(NamedTuple):
    username: str
    full_name: str
    role: str
    currency: str
    country: str
    city: str
    device: tuple[str, str, str]  # type, system, browser
    joined: datetime
    card: str


PEOPLE = (
    Person("superadmin", "Mixillo Platform", "superadmin", "USD", "NL", "Amsterdam",
           ("desktop", "macOS", "Chrome"), day(-44), "visa"),
    Person("admin", "Salma Haddad", "admin", "EUR", "DE", "Berlin",
           ("desktop", "Windows", "Chrome"), day(-43), "visa"),
    Person("linen_and_clay", "Noor Jansen", "seller", "EUR", "NL", "Utrecht",
           ("desktop", "Windows", "Firefox"), day(-40), "mastercard"),
    Person("tariq_tunes", "Tariq Mansour", "user", "USD", "US", "Austin",
           ("mobile", "Android", "WebView"), day(-37), "mastercard"),
    Person("ellie_moves", "Ellie Marsh", "user", "GBP", "GB", "Leeds",
           ("mobile", "iOS", "WebView"), day(-13), "visa"),
    Person("leo_on_film", "Leo Duarte", "user", "USD", "PT", "Porto",
           ("tablet", "iPadOS", "Safari"), day(-13), "amex"),
)  # fmt: skip


def users(make: DocumentFactory) -> list[Document]:
    """Return the six users; nobody knows the password that their common hash was made of."""
    forgotten = clock.random_token().encode()
    password = bcrypt.hashpw(forgotten, bcrypt.gensalt(10, prefix=b"2a")).decode()
    return [make.stamped("users", each.joined, _user(each, password), day(0)) for each in PEOPLE]


def _user(person: Person, password: str) -> Document:
    seller = person.role == "seller"
    return {
        "email": f"{person.username}@mixillo.example",
        "username": person.username,
        "password": password,
        "fullName": person.full_name,
        "gender": "prefer_not_to_say",
        "role": person.role,
        "status": "active",
        "isVerified": person.role != "user",
        "isFeatured": False,
        "followersCount": 0,
        "followingCount": 0,
        "videosCount": 0,
        "likesReceivedCount": 0,
        "viewsCount": 0,
        "notificationSettings": {
            "push": True,
            "email": True,
            "sms": False,
            "likes": True,
            "comments": True,
            "follows": True,
            "mentions": True,
            "messages": True,
            "liveStreams": True,
            "orders": True,
        },
        "privacySettings": {
            "isPrivate": False,
            "allowMessages": "everyone",
            "allowComments": "everyone",
            "showOnlineStatus": True,
        },
        "isSeller": seller,
        "sellerStatus": "approved" if seller else "pending",
    }


def wallets(make: DocumentFactory, owners: list[Document]) -> list[Document]:
    """Return the wallets of the house and of ``owners``; nothing ever moved, so all are at zero."""
    house = house_wallets(make, LAUNCH)
    personal = [
        make.stamped("wallets", owner["createdAt"], _personal_wallet(owner, person))
        for owner, person in zip(owners, PEOPLE, strict=True)
    ]
    return house + personal


def _personal_wallet(owner: Document, person: Person) -> Document:
    added = owner["createdAt"] + timedelta(minutes=12)
    reference = str(owner["_id"])[-12:]
    card = {
        "brand": person.card,
        "last4": "4242",
        "expiryMonth": 9,
        "expiryYear": 2028,
        "funding": "debit",
        "fingerprint": f"fp_{reference}",
        "country": person.country,
        "holder": person.full_name,
        "providerId": f"pm_{reference}",
        "billingAddress": {
            "line1": "Main Street 1",
            "city": person.city,
            "postalCode": "10115",
            "country": person.country,
        },
    }
    paypal = {"email": owner["email"], "payerId": f"payer_{reference}", "country": person.country}
    return {
        "userId": owner["_id"],
        **empty_wallet(person.currency),
        "paymentMethods": [
            {"type": "card", "details": card, "isDefault": True, "isVerified": True, "addedAt": added},
            {"type": "paypal", "details": paypal, "isDefault": False, "isVerified": False, "addedAt": added},
        ],
        "limits": {"perTransfer": 500, "perDay": 2000, "perMonth": 10000, "minimumWithdrawal": 20},
    }
