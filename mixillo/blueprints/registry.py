"""The registry of features: one line each."""

from flask import Flask

from mixillo.blueprints.addresses import routes as addresses
from mixillo.blueprints.analytics import probing as analytics_probing
from mixillo.blueprints.analytics import routes as analytics
from mixillo.blueprints.analytics.services import setup as analytics_setup
from mixillo.blueprints.auth import pages as auth_pages
from mixillo.blueprints.auth import routes as auth
from mixillo.blueprints.auth import sockets as auth_sockets
from mixillo.blueprints.cart import routes as cart
from mixillo.blueprints.categories import routes as categories
from mixillo.blueprints.coins import probing as coins_probing
from mixillo.blueprints.coins import routes as coins
from mixillo.blueprints.comments import probing as comments_probing
from mixillo.blueprints.comments import routes as comments
from mixillo.blueprints.content import probing as content_probing
from mixillo.blueprints.content import routes as content
from mixillo.blueprints.content import sockets as content_sockets
from mixillo.blueprints.content.services import setup as content_setup
from mixillo.blueprints.coupons import routes as coupons
from mixillo.blueprints.dashboard import routes as dashboard
from mixillo.blueprints.dashboard import sockets as dashboard_sockets
from mixillo.blueprints.docs import routes as docs
from mixillo.blueprints.gifts import probing as gifts_probing
from mixillo.blueprints.gifts import routes as gifts
from mixillo.blueprints.health import routes as health
from mixillo.blueprints.live import probing as live_probing
from mixillo.blueprints.live import routes as live
from mixillo.blueprints.live import sockets as live_sockets
from mixillo.blueprints.live.services import setup as live_setup
from mixillo.blueprints.livedemo import pages as livedemo_pages
from mixillo.blueprints.messaging import probing as messaging_probing
from mixillo.blueprints.messaging import routes as messaging
from mixillo.blueprints.messaging import sockets as messaging_sockets
from mixillo.blueprints.moderation import probing as moderation_probing
from mixillo.blueprints.moderation import routes as moderation
from mixillo.blueprints.moderation.services import setup as moderation_setup
from mixillo.blueprints.monitoring import routes as monitoring
from mixillo.blueprints.notifications import probing as notifications_probing
from mixillo.blueprints.notifications import routes as notifications
from mixillo.blueprints.notifications.services import setup as notifications_setup
from mixillo.blueprints.orders import probing as orders_probing
from mixillo.blueprints.orders import routes as orders
from mixillo.blueprints.orders.services import upkeep as orders_upkeep
from mixillo.blueprints.paymentmethods import routes as paymentmethods
from mixillo.blueprints.payments import probing as payments_probing
from mixillo.blueprints.payments import routes as payments
from mixillo.blueprints.payments.services import setup as payments_setup
from mixillo.blueprints.privacy import probing as privacy_probing
from mixillo.blueprints.privacy import routes as privacy
from mixillo.blueprints.privacy.services import setup as privacy_setup
from mixillo.blueprints.products import probing as products_probing
from mixillo.blueprints.products import routes as products
from mixillo.blueprints.products.services import setup as products_setup
from mixillo.blueprints.shipping import routes as shipping
from mixillo.blueprints.stores import probing as stores_probing
from mixillo.blueprints.stores import routes as stores
from mixillo.blueprints.stores.services import upkeep as stores_upkeep
from mixillo.blueprints.stories import probing as stories_probing
from mixillo.blueprints.stories import routes as stories
from mixillo.blueprints.stories.services import setup as stories_setup
from mixillo.blueprints.supporters import probing as supporters_probing
from mixillo.blueprints.supporters import routes as supporters
from mixillo.blueprints.uploads import probing as uploads_probing
from mixillo.blueprints.uploads import routes as uploads
from mixillo.blueprints.uploads.services import setup as uploads_setup
from mixillo.blueprints.users import routes as users
from mixillo.blueprints.wallets import probing as wallets_probing
from mixillo.blueprints.wallets import routes as wallets
from mixillo.blueprints.wallets.services import upkeep as wallets_upkeep
from mixillo.config import SANDBOX
from mixillo.core import openapi
from mixillo.extensions import socketio

# What their features do for the probe's own accounts, and clear up after them.
PROBED = (
    orders_probing, wallets_probing, payments_probing, coins_probing, gifts_probing, supporters_probing,
    products_probing, stores_probing, content_probing, comments_probing, moderation_probing, analytics_probing,
    privacy_probing, messaging_probing, notifications_probing, stories_probing, live_probing, uploads_probing,
)  # fmt: skip

# What is in the OpenAPI document …
API = (
    health.blueprint,
    auth.blueprint,
    # Before people, whose paths it is below.
    products.wishlist,
    uploads.avatar_pages,
    users.blueprint,
    uploads.blueprint,
    uploads.files,
    uploads.older,
    uploads.config,
    addresses.blueprint,
    paymentmethods.blueprint,
    categories.blueprint,
    products.blueprint,
    # First, so that probes have a store of their own before they try what is done with stores.
    stores.sellers,
    stores.blueprint,
    # Before coupons, whose paths it is below.
    cart.coupon_uses,
    coupons.blueprint,
    # … and shipping.
    cart.shipping_costs,
    shipping.blueprint,
    # Before carts, which probes empty.
    orders.checkout,
    orders.blueprint,
    cart.blueprint,
    coins.blueprint,
    content.blueprint,
    content.feed,
    comments.below_posts,
    comments.blueprint,
    # After what can be reported.
    moderation.below_posts,
    moderation.below_comments,
    payments.sandbox_pages,
    payments.blueprint,
    gifts.blueprint,
    supporters.supporter_pages,
    supporters.badge_pages,
    wallets.blueprint,
    wallets.administration,
    analytics.events,
    analytics.blueprint,
    analytics.metrics,
    privacy.blueprint,
    stories.blueprint,
    live.blueprint,
    live.administration,
    messaging.conversations.blueprint,
    messaging.messages.blueprint,
    notifications.blueprint,
    moderation.reports,
    moderation.blueprint,
    moderation.accounts,
    monitoring.blueprint,
)
# … of which these are served under a second path too …
ALIASES = ((wallets.blueprint, "wallet", wallets.ALIAS), (content.blueprint, "posts", content.ALIAS),
           (comments.below_posts, "post-comments", comments.ALIAS),
           (moderation.below_posts, "post-reports", moderation.ALIAS),
           (live.blueprint, "livestreaming", live.ALIAS), *messaging.OTHER_PATHS)  # fmt: skip
# … and the pages that people open in a browser.
PAGES = (docs.blueprint, auth_pages.pages, livedemo_pages.pages, dashboard.blueprint, monitoring.pages)
# What clients may send over their sockets is declared in these.
LISTENING = (live_sockets, content_sockets, messaging_sockets)
# Socket namespaces: made per application, because they hold the state of their sockets.
NAMESPACES = (auth_sockets.ClientSockets, dashboard_sockets.OperatorSockets)


def connect_probes() -> None:
    """Let every feature take part in probing."""
    for feature in PROBED:
        feature.connect()


def register_blueprints(app: Flask) -> None:
    """Register every feature on ``app``."""
    connect_probes()
    payments_setup.init_app(app, app.config["SETTINGS"])
    wallets_upkeep.init_app(app)
    products_setup.init_app(app, app.config["SETTINGS"])
    stores_upkeep.init_app(app)
    orders_upkeep.init_app(app)
    content_setup.init_app(app)
    moderation_setup.init_app(app)
    uploads_setup.init_app(app, app.config["SETTINGS"])
    stories_setup.init_app(app)
    live_setup.init_app(app)
    notifications_setup.init_app(app)
    analytics_setup.init_app(app)
    privacy_setup.init_app(app)
    for blueprint in API:
        if blueprint is not payments.sandbox_pages or app.config["SETTINGS"].payments_by == SANDBOX:
            openapi.register(app, blueprint)
    for blueprint, name, path in ALIASES:
        openapi.register(app, blueprint, name=name, url_prefix=path)
    for page in PAGES:
        app.register_blueprint(page)
    for namespace in NAMESPACES:
        socketio.on_namespace(namespace(app.config["SETTINGS"]))
