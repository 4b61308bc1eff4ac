"""The 107 collections of the database that the stabilization report audited.

The existing program knows 128 names. The report counted 107, so 21 of them never reached that database:

* every collection that the present models write is there (75);
* so are those of the older models that hold or held documents (34 more names), except four that duplicate
  a present collection or are caches a program rebuilds: ``moderationqueue`` (now ``moderationqueues``),
  ``aitags`` (now ``contents.aiTags``), ``bicaches`` and ``kpis``;
* of the names that only a creation script made, the two that the clients use: ``blockedusers``, ``wishlists``.
"""

PRESENT = (
    "adcampaigns", "aimoderations", "analytics", "auditlogs", "banners", "carts", "categories",
    "coinpackages", "comments", "contentmetrics", "contentrecommendations", "contentrights", "contents",
    "conversations", "coupons", "creatorearnings", "credits", "currencies", "customerservices",
    "explorersections", "faqs", "featureds", "follows", "gifts", "gifttransactions", "languages",
    "levels", "likes", "livechats", "liveshoppingsessions", "livestreams", "messages",
    "moderationqueues", "multihostsessions", "notifications", "orders", "pages", "payments",
    "pkbattles", "products", "recommendationmetadatas", "reports", "saves", "scheduledcontents",
    "searchqueries", "sellerapplications", "settings", "shares", "shippingmethods", "shippings",
    "shippingzones", "sounds", "stores", "stories", "streamfilters", "streamproviders", "strikes",
    "subscriptions", "subscriptiontiers", "supporterbadges", "systemsettings", "tags", "themes",
    "tickets", "transactions", "transcodejobs", "translations", "trendingconfigs", "trendingrecords",
    "uploadsessions", "useractivities", "users", "videoqualities", "views", "wallets",
)  # fmt: skip
OLDER = (
    "analyticsdashboards", "analyticsevents", "analyticsreports", "campaigns", "chatmessages",
    "creatorsubscriptions", "creditpackages", "credittransactions", "disputes", "eventtrackings",
    "faqcategories", "knowledgebases", "loyaltymembers", "loyaltyprograms", "moderationresults",
    "paymentmethods", "payouts", "platformanalytics", "productattributetemplates", "shippinglabels",
    "shippingrates", "supportertiers", "supporttickets", "ticketmessages", "useranalytics",
    "userbadges", "usercreditbalances", "userprofiles", "viewevents", "wallettransactions",
)  # fmt: skip
CREATED_EMPTY = ("blockedusers", "wishlists")
REPORT_COLLECTIONS: tuple[str, ...] = tuple(sorted((*PRESENT, *OLDER, *CREATED_EMPTY)))
