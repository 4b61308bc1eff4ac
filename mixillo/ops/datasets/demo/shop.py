"""The demo's categories, its forty stores and their 1,000 products."""

from collections import Counter
from datetime import timedelta
from typing import Any

from bson import ObjectId

from mixillo.ops.datasets.demo.goods import (
    ADJECTIVES,
    COLOURS,
    DEPARTMENTS,
    PRAISE,
    SIZES,
    STORE_KINDS,
    Department,
    Shelf,
)
from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.world import MEDIA, World
from mixillo.ops.datasets.documents import Document

PRODUCTS = 1000
WAITING = 6
STATUSES = {"active": 920, "pending_approval": 25, "draft": 25, "archived": 20, "rejected": 10}
ENDINGS = (0.0, 0.5, 0.9, 0.95, 0.99)
SOLD_OUT, IN_DEPARTMENT, WITH_VARIANTS, REDUCED, FEATURED = 0.04, 0.08, 0.3, 0.25, 0.06


def categories(world: World) -> list[Document]:
    """Return the departments, each followed by its shelves (``parentId``)."""
    made = []
    for position, department in enumerate(DEPARTMENTS, 1):
        top = _category(world, department, department.name, position, None)
        made.append(top)
        made += [
            _category(world, department, shelf.name, order, top) for order, shelf in enumerate(department.shelves, 1)
        ]
    return made


def _category(world: World, department: Department, name: str, order: int, parent: Document | None) -> Document:
    slug = slugify(name)
    fields: dict[str, Any] = {
        "name": name,
        "slug": f"{parent['slug']}-{slug}" if parent else slug,
        "description": f"{name} from independent sellers",
        "icon": department.icon,
        "image": f"{MEDIA}/categories/{slug}.jpg",
        "color": department.color,
        "sortOrder": order,
        "isActive": True,
        "isFeatured": parent is None and order <= 4,
        "productsCount": 0,
    }
    if parent is not None:
        fields["parentId"] = parent["_id"]
    return world.make.stamped("categories", world.ago(days=399), fields)


def stores(world: World, people: People) -> list[Document]:
    """Return one store per seller, and write its id into the seller."""
    made = []
    for number, seller in enumerate(people.sellers, 1):
        opened = seller["createdAt"] + timedelta(hours=20)
        store = world.make.stamped("stores", opened, _store(world, people, seller, number))
        store["approvedAt"] = opened
        seller["storeId"] = store["_id"]
        made.append(store)
    return made


def _store(world: World, people: People, seller: Document, number: int) -> dict[str, Any]:
    locale, country = people.homes[seller["_id"]]
    name = f"{seller['fullName'].split()[-1]} {world.pick(STORE_KINDS)}"
    street, postal_code, city = world.address(locale)
    return {
        "sellerId": seller["_id"],
        "name": name,
        "description": f"{name}: small batches, made to be used for years.",
        "tagline": "Made to be used",
        "logo": f"{MEDIA}/stores/{number}.png",
        "banner": f"{MEDIA}/stores/{number}-banner.jpg",
        "email": seller["email"],
        "address": {"street": street, "city": city, "postalCode": postal_code, "country": country},
        "socialLinks": {"instagram": f"@{seller['username']}"},
        "businessType": world.pick(("individual", "business", "company")),
        "status": "active",
        "isVerified": seller["isVerified"],
        "productsCount": 0,
        "totalSales": 0,
        "totalRevenue": 0,
        "rating": 0,
        "reviewsCount": 0,
        "followersCount": 0,
        "policies": {"returns": "30 days", "shipping": "Ships within two working days"},
        "paymentMethods": ["card", "paypal"],
        "shippingZones": [],
        "slug": f"{slugify(name)}-{number}",
        "isFeatured": number <= 6,
        "approvedBy": people.named("ada")["_id"],
    }


def store_follows(
    world: World, shops: list[Document], followers: dict[ObjectId, list[ObjectId]], people: People
) -> list[Document]:
    """Return who follows which store: whoever follows its seller; counts them into the stores."""
    joined = {user["_id"]: user["createdAt"] for user in people.users}
    made = []
    for shop in shops:
        for follower in followers.get(shop["sellerId"], []):
            since = max(joined[follower], shop["createdAt"])
            fields = {"userId": follower, "storeId": shop["_id"]}
            made.append(world.make.dated("storefollows", world.between(since, world.moment), fields))
            shop["followersCount"] += 1
    return made


def applications(world: World, people: People, shops: list[Document]) -> list[Document]:
    """Return the approved applications behind the stores, and a few that wait for ada."""
    ada = people.named("ada")
    made = []
    for shop in shops:
        approved = {"status": "approved", "reviewedBy": ada["_id"], "storeId": shop["_id"]}
        applied = shop["createdAt"] - timedelta(hours=19)
        fields = _application(shop["sellerId"], shop["name"], shop["email"], shop["description"])
        approved["reviewedAt"] = shop["createdAt"]
        made.append(world.make.stamped("sellerapplications", applied, fields | approved, shop["createdAt"]))
    for user in world.rng.sample([user for user in people.active if user["role"] == "user"], WAITING):
        name = f"{user['fullName'].split()[-1]} {world.pick(STORE_KINDS)}"
        applied = world.between(max(user["createdAt"], world.ago(days=5)), world.moment)
        fields = _application(user["_id"], name, user["email"], "I would like to sell what I make.")
        made.append(world.make.stamped("sellerapplications", applied, fields | {"status": "pending"}))
    return made


def _application(user: ObjectId, name: str, email: str, description: str) -> dict[str, Any]:
    return {
        "userId": user,
        "businessName": name,
        "businessType": "individual",
        "description": description,
        "contactEmail": email,
        "documents": [],
    }


def products(world: World, shops: list[Document], shelves: list[Document]) -> list[Document]:
    """Return the products, every store specialised in one department; counts them into stores and categories."""
    by_slug = {shelf["slug"]: shelf for shelf in shelves}
    made = []
    for number in range(1, PRODUCTS + 1):
        position = number % len(shops)
        made.append(_product(world, shops[position], DEPARTMENTS[position % len(DEPARTMENTS)], by_slug, number))
    in_category = Counter(product["category"] for product in made)
    in_store = Counter(product["storeId"] for product in made)
    for shelf in shelves:
        shelf["productsCount"] = in_category[shelf["_id"]]
    for shop in shops:
        shop["productsCount"] = in_store[shop["_id"]]
    return made


def _product(
    world: World, shop: Document, department: Department, by_slug: dict[str, Document], number: int
) -> Document:
    shelf = world.pick(department.shelves)
    top = slugify(department.name)
    category = by_slug[top if world.chance(IN_DEPARTMENT) else f"{top}-{slugify(shelf.name)}"]
    name = f"{world.pick(ADJECTIVES)} {world.pick(shelf.things)}"
    created = world.between(max(shop["createdAt"], world.ago(days=200)), world.ago(hours=1), 1.3)
    product = world.make.stamped("products", created, _offer(world, shop, name, shelf, department, number))
    product["category"] = category["_id"]
    product["slug"] = f"{slugify(name)}-{str(product['_id'])[-6:]}"
    if product["status"] in ("active", "out_of_stock"):
        product |= {"isPublished": True, "publishedAt": created}
    if product["isFeatured"]:
        product["featuredUntil"] = world.moment + timedelta(days=30)
    return product


def _offer(
    world: World, shop: Document, name: str, shelf: Shelf, department: Department, number: int
) -> dict[str, Any]:
    price = round(world.rng.randrange(*shelf.prices) + world.pick(ENDINGS), 2)
    status = world.rng.choices(list(STATUSES), list(STATUSES.values()))[0]
    variants = _variants(world, department, price, number) if world.chance(WITH_VARIANTS) else []
    stock = sum(variant["stock"] for variant in variants) or world.rng.randint(3, 120)
    if status == "active" and not variants and world.chance(SOLD_OUT):
        status, stock = "out_of_stock", 0
    fields: dict[str, Any] = {
        "storeId": shop["_id"],
        "sellerId": shop["sellerId"],
        "name": name,
        "description": f"{name} by {shop['name']}. {world.pick(PRAISE)}",
        "sku": f"SKU-{number:05d}",
        "price": price,
        "currency": "USD",
        "stock": stock,
        "lowStockThreshold": 10,
        "trackInventory": True,
        "images": [
            {"url": f"{MEDIA}/products/{number}-{n}.jpg", "alt": name, "sortOrder": n}
            for n in range(world.rng.randint(1, 4))
        ],
        "subcategory": shelf.name,
        "tags": sorted({*name.lower().split(), shelf.name.lower()}),
        "brand": shop["name"],
        "hasVariants": bool(variants),
        "variants": variants,
        "weight": round(0.1 + 4 * world.rng.random(), 2),
        "freeShipping": world.chance(0.2),
        "status": status,
        "isPublished": False,
        "viewsCount": 0,
        "salesCount": 0,
        "totalRevenue": 0,
        "rating": 0,
        "reviewsCount": 0,
        "isFeatured": status == "active" and world.chance(FEATURED),
    }
    if world.chance(REDUCED):
        fields["compareAtPrice"] = round(price * 1.25, 2)
    return fields


def _variants(world: World, department: Department, price: float, number: int) -> list[Document]:
    name, values = ("Size", SIZES) if department.name == "Fashion" else ("Colour", COLOURS)
    return [
        {
            "_id": world.make.new_id("variants", world.moment),
            "name": name,
            "value": value,
            "price": price,
            "stock": world.rng.randint(2, 40),
            "sku": f"SKU-{number:05d}-{value.upper()}",
        }
        for value in values
    ]


def slugify(name: str) -> str:
    return "-".join(word for word in name.lower().replace("&", "and").replace("'", "").split())
