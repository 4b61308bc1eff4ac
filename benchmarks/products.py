"""The shop at 5,000 and at 250,000 products: how much slower is fifty times as much?

Requests rotate over words, products and filters, so that no answer is asked for twice in a row. A search is measured
twice: as it is, with totals and facets that are kept for half a minute, and without them.
"""

import os
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bson import ObjectId
from pymongo import MongoClient, WriteConcern
from pymongo.database import Database

from benchmarks import growth
from benchmarks.report import Row
from benchmarks.server import Server, serving
from mixillo.core import clock
from mixillo.ops import mongod
from mixillo.ops.migrations import discover

SIZES = (5_000, 250_000)
CATEGORIES, STORES, BATCH = 20, 100, 5_000
ADJECTIVES = (
    "velvet", "golden", "solar", "retro", "quiet", "bright", "rough", "smooth", "hollow", "amber", "silver", "crimson",
    "misty", "frozen", "gentle",
)  # fmt: skip
NOUNS = (
    "lamp", "backpack", "wallet", "camera", "kettle", "chair", "blanket", "bottle", "speaker", "notebook", "mirror",
    "basket", "candle", "jacket",
)  # fmt: skip
SYLLABLES = ["ka", "lo", "mi", "ru", "te", "so", "na", "vi", "pe", "du", "ga", "ri", "fo", "ze", "bu"]
Document = dict[str, Any]


def benchmark() -> list[Row]:
    """Return the rows of this part."""
    with TemporaryDirectory() as scratch, serving(Path(scratch)) as server:
        running = mongod.running(server.data_dir)
        if running is None:
            raise RuntimeError("the server brought no database along")
        client: MongoClient[Document]
        with MongoClient(running.uri, tz_aware=True) as client:
            shop = Shop(client["mixillo"], client["mixillo_ops"])
            small, large = (_at(server, shop, size) for size in SIZES)
    return [*growth.rows(SIZES, small["p95"], large["p95"]), _built(small, large)]


def _built(*seen: Document) -> Row:
    shown = ", ".join(f"{each['seconds']:.0f} s for {size:,}" for each, size in zip(seen, SIZES, strict=True))
    return Row("mixillo search rebuild", shown)


def _at(server: Server, shop: "Shop", size: int) -> Document:
    """Return the p95 of each kind of request at ``size`` products, and how long the search took to build."""
    shop.grow(size)
    seconds = _rebuild(server)
    return {"p95": {what: growth.p95(server, paths) for what, paths in shop.requests().items()}, "seconds": seconds}


def _rebuild(server: Server) -> float:
    """Put every product into the search, and return how many seconds that took."""
    command = [sys.executable, "-m", "mixillo.cli", "search", "rebuild"]
    environment = {**os.environ, "MIXILLO_DATA_DIR": str(server.data_dir)}
    started = time.monotonic()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


class Shop:
    """Stores and categories, and as many products as are asked for, the same ones every time."""

    def __init__(self, database: Database, ops: Database) -> None:
        self._database = database
        self._ops = ops
        self._random = random.Random(5)
        self._now = clock.now()
        self._made: list[Document] = []
        self._count = 0
        self._text = ["".join(self._random.choices(SYLLABLES, k=3)) for _ in range(3_000)]
        self._categories = [self._category(number) for number in range(CATEGORIES)]
        self._stores = [self._store(number) for number in range(STORES)]

    def grow(self, size: int) -> None:
        """Add products until there are ``size``.

        Their indexes are built when all are there, and the server is kept from following them one by one.
        """
        keys = {"_id": "products"}
        self._ops["searchstate"].update_one(keys, {"$set": {"busyUntil": self._now + timedelta(days=1)}}, upsert=True)
        self._database["products"].drop_indexes()
        self._insert(size)
        for migration in discover():
            if migration.name.endswith("products_and_search"):
                migration.step("upgrade")(self._database, self._ops)

    def _insert(self, size: int) -> None:
        products = self._database.get_collection("products", write_concern=WriteConcern(w=1))
        while self._count < size:
            batch = [self._product(self._count + n) for n in range(min(BATCH, size - self._count))]
            products.insert_many(batch, ordered=False)
            self._count += len(batch)
            self._made += batch[:50]

    def requests(self) -> dict[str, list[str]]:
        """Return what to ask for, by what it is."""
        words = [*ADJECTIVES, *(f"{a} {n}" for a, n in zip(ADJECTIVES, NOUNS, strict=False)), *self._text[:20]]
        typing = [word[:4] for word in (*ADJECTIVES, *NOUNS)]
        wrong = [word[:2] + word[3:] for word in (*ADJECTIVES, *NOUNS)]
        quick = [f"/api/products/search?q={each.replace(' ', '%20')}&facets=false&total=false" for each in words]
        return {
            "GET /api/products": ["/api/products?limit=20", "/api/products?limit=20&page=2"],
            "GET /api/products, category, prices, by price": [
                f"/api/products?category=shelf-{n}&minPrice=10&maxPrice=400&sortBy=price" for n in range(CATEGORIES)
            ],
            "GET /api/products, store, by rating": [
                f"/api/products?storeId={store['_id']}&sortBy=-rating" for store in self._stores
            ],
            "GET /api/products/featured": ["/api/products/featured"],
            "GET /api/products/:id": [f"/api/products/{product['_id']}" for product in self._made],
            "GET /api/products/:slug/related": [f"/api/products/{p['slug']}/related" for p in self._made[:200]],
            "search, without totals and facets": quick,
            "search, with totals and facets": [each.partition("&")[0] for each in quick],
            "search, unfinished words": [f"/api/products/search?q={each}&facets=false&total=false" for each in typing],
            "search, misspelt words": [f"/api/products/search?q={each}&facets=false&total=false" for each in wrong],
            "search, by price": [f"{each}&sortBy=price" for each in quick],
            "GET /api/products/suggest": [f"/api/products/suggest?q={each}" for each in typing],
        }

    def _category(self, number: int) -> Document:
        category = {"_id": ObjectId(), "name": f"Shelf {number}", "slug": f"shelf-{number}", "sortOrder": number}
        self._database["categories"].insert_one(category | {"isActive": True})
        return category

    def _store(self, number: int) -> Document:
        person = {"username": f"bench_seller_{number}", "email": f"s{number}@example.com", "status": "active"}
        seller = self._database["users"].insert_one(person | {"role": "seller", "fullName": "Bench"}).inserted_id
        store = {"_id": ObjectId(), "sellerId": seller, "name": f"Bench {number}", "slug": f"bench-{number}"}
        self._database["stores"].insert_one(store | {"status": "active"})
        return store

    def _product(self, number: int) -> Document:
        pick, store = self._random.choice, self._stores[number % STORES]
        name = f"{pick(ADJECTIVES)} {pick(ADJECTIVES)} {pick(NOUNS)}".title()
        made = self._now - timedelta(seconds=self._random.randrange(180 * 86_400))
        return {
            "_id": ObjectId(),
            "storeId": store["_id"],
            "sellerId": store["sellerId"],
            "category": self._categories[number % CATEGORIES]["_id"],
            "name": name,
            "slug": f"{name.lower().replace(' ', '-')}-{number}",
            "description": " ".join(self._random.choices(self._text, k=40)),
            "price": self._random.randrange(500, 50_000) / 100,
            "currency": "USD",
            "stock": self._random.randrange(50),
            "trackInventory": True,
            "images": [{"url": f"https://cdn.example.com/{number}-{n}.jpg", "sortOrder": n} for n in range(3)],
            "tags": self._random.sample(self._text[:100], 3),
            "brand": self._text[100 + number % 40],
            "status": "active",
            "isPublished": True,
            "isFeatured": number % 50 == 0,
            "rating": self._random.randrange(20, 51) / 10,
            "reviewsCount": self._random.randrange(500),
            "salesCount": self._random.randrange(2_000),
            "viewsCount": self._random.randrange(50_000),
            "createdAt": made,
            "updatedAt": made,
        }
