"""A lively shop: 500 people, 5,000 posts, 1,000 products and all that hangs on them, ending at the present.

Every counter is counted from the rows, every balance is the sum of its transactions, every reference leads to a
document. Three people can sign in: ``ada`` (admin), ``sam`` (seller with a store), ``una`` (user).
"""

from collections.abc import Generator, Iterator
from datetime import datetime
from itertools import chain

from bson import ObjectId

from mixillo.core import clock
from mixillo.ops.datasets.demo.engagement import Engagement
from mixillo.ops.datasets.demo.fulfilment import carts, parcels, payments, reviews
from mixillo.ops.datasets.demo.gifts import coin_packages, gifts
from mixillo.ops.datasets.demo.live import livestreams
from mixillo.ops.datasets.demo.messages import conversations
from mixillo.ops.datasets.demo.moderation import Moderation
from mixillo.ops.datasets.demo.money import Economy
from mixillo.ops.datasets.demo.notifications import Newsroom, notifications
from mixillo.ops.datasets.demo.orders import orders
from mixillo.ops.datasets.demo.people import People, accounts, followers_of, follows, users
from mixillo.ops.datasets.demo.posts import contents, sounds, tags
from mixillo.ops.datasets.demo.prices import coupons, name_coupons, uses
from mixillo.ops.datasets.demo.shipping import shipping_zones
from mixillo.ops.datasets.demo.shop import applications, categories, products, store_follows, stores
from mixillo.ops.datasets.demo.stories import stories
from mixillo.ops.datasets.demo.supporting import Supporters
from mixillo.ops.datasets.demo.tracking import Tracker
from mixillo.ops.datasets.demo.uploads import uploads
from mixillo.ops.datasets.demo.world import NAME, SEED, World
from mixillo.ops.datasets.documents import Dataset, Document
from mixillo.ops.datasets.installation import currencies, languages, pages, settings, shipping_methods, stream_providers

Batch = tuple[str, list[Document]]
COLLECTIONS = (
    "carts", "categories", "closefriends", "coinpackages", "commentlikes", "comments", "contents", "conversations",
    "coupons", "couponuses", "creditpackages", "currencies", "eventtrackings", "follows", "gifts", "gifttransactions",
    "languages", "likes", "livestreams", "messages", "moderationqueues", "notifications", "orders", "pages", "payments",
    "products", "reports", "reviews", "saves", "sellerapplications", "settings", "shares", "shippingmethods",
    "shippings", "shippingzones", "sounds", "storefollows", "stores", "stories", "storyhighlights", "storyviews",
    "streamproviders", "strikes", "supporterbadges", "supportertiers", "tags", "transactions", "uploadsessions",
    "userbadges", "usercreditbalances", "users", "views", "wallets",
)  # fmt: skip
# What the ledger keeps in the technical database, and the files that people have sent.
TECHNICAL = ("transfers", "holds", "media.files", "media.chunks")
PASSWORD_BYTES = 9


def dataset(moment: datetime, password: str | None, seed: int = SEED) -> Dataset:
    """Return the demo as of ``moment``; without a ``password`` the three accounts get a random one."""
    password = password or clock.random_token(PASSWORD_BYTES)
    return Dataset(NAME, COLLECTIONS, _batches(World(moment, seed), password), accounts(password), TECHNICAL)


def _batches(world: World, password: str) -> Iterator[Batch]:
    people = users(world, password)
    following = follows(world, people)
    yield "follows", following
    posts, engagement = yield from _posts(world, people)
    goods, placed = yield from _trade(world, people, followers_of(following))
    streams, given = yield from _coins(world, people, posts)
    talks = conversations(world, people, following)
    yield "conversations", [conversation for conversation, _messages in talks]
    yield "messages", [message for _conversation, messages in talks for message in messages]
    yield from stories(world, people, followers_of(following))
    yield from uploads(world, people)

    newsroom = Newsroom(people, posts)
    happened = chain(
        newsroom.likes(engagement.rows["likes"]),
        newsroom.comments(engagement.discussion.shown()),
        newsroom.follows(following),
        newsroom.gifts(given),
        newsroom.messages(talks),
        newsroom.orders(placed),
    )
    yield "notifications", notifications(world, people, happened)

    tracker = Tracker(world, people, goods)
    tracker.browse()
    tracker.record("like", engagement.rows["likes"], "userId")
    tracker.record("comment_create", engagement.discussion.comments, "userId")
    tracker.record("follow", following, "followerId")
    tracker.record("post_create", posts, "userId")
    tracker.record("product_purchase", placed, "userId", "orderId")
    tracker.record("gift_send", given, "senderId", "giftId", "giftId")
    tracker.record("stream_start", streams, "hostId", "livestreamId")
    yield "eventtrackings", tracker.events

    # Last, because everything above counts into them.
    yield "products", goods
    yield "users", people.users
    yield from _installation(world, people)


def _posts(world: World, people: People) -> Generator[Batch, None, tuple[list[Document], Engagement]]:
    """Yield what is posted and what viewers did; return the posts and the engagement."""
    tunes = sounds(world, people)
    posts = contents(world, people, tunes)
    engagement = Engagement(world, people)
    yield from engagement.collect(posts)
    yield from Moderation(world, people).look_at(posts, engagement.discussion.comments)
    yield "comments", engagement.discussion.comments
    yield "commentlikes", engagement.discussion.likes
    yield "contents", posts
    yield "sounds", tunes
    yield "tags", tags(world, posts)
    return posts, engagement


def _trade(
    world: World, people: People, followers: dict[ObjectId, list[ObjectId]]
) -> Generator[Batch, None, tuple[list[Document], list[Document]]]:
    """Yield stores and orders; return the products, whose views are still to be counted, and the orders."""
    shelves = categories(world)
    shops = stores(world, people)
    goods = products(world, shops, shelves)
    placed = orders(world, people, shops, goods)
    yield "reviews", reviews(world, placed, goods, shops)
    yield "orders", placed
    yield "payments", payments(world, placed)
    yield "shippings", parcels(world, placed)
    used = uses(world, placed)
    made = coupons(world, used)
    name_coupons(used, made)
    yield "coupons", made
    yield "couponuses", used
    yield "carts", carts(world, people, goods)
    yield "categories", shelves
    yield "storefollows", store_follows(world, shops, followers, people)
    yield "stores", shops
    yield "sellerapplications", applications(world, people, shops)
    return goods, placed


def _coins(
    world: World, people: People, posts: list[Document]
) -> Generator[Batch, None, tuple[list[Document], list[Document]]]:
    """Yield wallets, gifts and supporters; return the livestreams and the gift transactions."""
    streams = livestreams(world, people)
    presents, packages = gifts(world), coin_packages(world)
    economy = Economy(world, people, presents, packages, posts, streams)
    economy.run()
    given = economy.counter.transactions
    supporters = Supporters(world, given, economy.ledger)
    yield "wallets", economy.ledger.wallets
    yield "transactions", economy.ledger.rows
    yield "transfers", economy.ledger.transfers
    yield "holds", economy.ledger.holds
    yield "gifttransactions", given
    yield "payments", economy.payments
    yield "gifts", presents
    yield "coinpackages", packages
    yield "livestreams", streams
    yield "creditpackages", supporters.packages
    yield "supportertiers", supporters.tiers
    yield "supporterbadges", supporters.badges
    yield "userbadges", supporters.awards
    yield "usercreditbalances", supporters.balances
    return streams, given


def _installation(world: World, people: People) -> Iterator[Batch]:
    opened, ada = world.ago(days=399), people.named("ada")
    yield "currencies", currencies(world.make, opened)
    yield "languages", languages(world.make, opened)
    yield "streamproviders", stream_providers(world.make, opened)
    yield "settings", settings(world.make, opened, ada)
    yield "shippingmethods", shipping_methods(world.make, opened)
    yield "shippingzones", shipping_zones(world.make, opened)
    yield "pages", pages(world.make, opened, ada)
