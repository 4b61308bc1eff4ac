"""The database that the stabilization report audited: 107 collections, 1,193 documents, 6 orphans."""

from collections.abc import Iterator
from datetime import datetime

from mixillo.ops.datasets.collections import REPORT_COLLECTIONS
from mixillo.ops.datasets.documents import Dataset, Document, DocumentFactory
from mixillo.ops.datasets.installation import (
    currencies,
    languages,
    pages,
    settings,
    shipping_methods,
    stream_providers,
)
from mixillo.ops.datasets.report.accounts import users, wallets
from mixillo.ops.datasets.report.analytics import platform_analytics, user_analytics
from mixillo.ops.datasets.report.contents import orphaned_contents
from mixillo.ops.datasets.report.dates import LAUNCH
from mixillo.ops.datasets.report.events import event_trackings
from mixillo.ops.datasets.report.sessions import Session, simulate
from mixillo.ops.datasets.report.shop import categories, products, stores
from mixillo.ops.datasets.supporters import credit_packages, supporter_badges, supporter_tiers

NAME = "report"


def dataset(_moment: datetime, _password: str | None) -> Dataset:
    """Return the report's database; its dates are those of the report, and nobody can sign in."""
    return Dataset(NAME, REPORT_COLLECTIONS, _batches())


def _batches() -> Iterator[tuple[str, list[Document]]]:
    make = DocumentFactory(NAME)
    people = users(make)
    superadmin, admin, seller, *_others = people
    shelves = categories(make)
    store = stores(make, seller, admin)
    goods = products(make, store[0], shelves)
    sessions = simulate(people, goods)
    _count_views(goods, sessions)
    _remember_visits(people, sessions)
    yield "users", people
    yield "wallets", wallets(make, people)
    yield "contents", orphaned_contents(make)
    yield "categories", shelves
    yield "stores", store
    yield "products", goods
    yield "creditpackages", credit_packages(make, LAUNCH)
    yield "supportertiers", supporter_tiers(make, LAUNCH)
    yield "supporterbadges", supporter_badges(make, LAUNCH)
    yield "eventtrackings", event_trackings(make, sessions)
    yield "useranalytics", user_analytics(make, people, sessions)
    yield "platformanalytics", platform_analytics(make, people, sessions)
    yield "currencies", currencies(make, LAUNCH)
    yield "languages", languages(make, LAUNCH)
    yield "streamproviders", stream_providers(make, LAUNCH)
    yield "settings", settings(make, LAUNCH, superadmin)
    yield "shippingmethods", shipping_methods(make, LAUNCH)
    yield "pages", pages(make, LAUNCH, superadmin)


def _count_views(products: list[Document], sessions: list[Session]) -> None:
    for product in products:
        product["viewsCount"] = sum(event.product == product["_id"] for session in sessions for event in session.events)


def _remember_visits(people: list[Document], sessions: list[Session]) -> None:
    for user in people:
        visits = [session for session in sessions if session.user is user]
        user["lastLogin"] = visits[-1].started
        user["lastActiveAt"] = visits[-1].events[-1].at
        user["loginCount"] = len(visits)
