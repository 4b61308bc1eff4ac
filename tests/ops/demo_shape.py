"""What the documents of the dataset ``demo`` are held to: where references lead, what counters count."""

from datetime import UTC, datetime
from typing import Any

PASSWORD = "demo-password-of-the-tests"
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
Row = dict[str, Any]
Documents = dict[str, list[Row]]
# Unique indexes of the existing database that the demo must fit.
UNIQUE = {
    "users": ["email", "username"],
    "follows": ["followerId followingId"],
    "likes": ["userId contentId"],
    "saves": ["userId contentId"],
    "categories": ["slug"],
    "stores": ["sellerId", "slug"],
    "products": ["sku", "slug"],
    "reviews": ["userId productId"],
    "carts": ["userId"],
    "orders": ["orderNumber"],
    "shippings": ["orderId"],
    "payments": ["idempotencyKey"],
    "coupons": ["code"],
    "couponuses": ["orderId couponId"],
    "storefollows": ["userId storeId"],
    "commentlikes": ["userId commentId"],
    "livestreams": ["streamId"],
    "tags": ["name"],
    "uploadsessions": ["fileKey"],
    "userbadges": ["user badge"],
    "usercreditbalances": ["user"],
}
# Where the fields that name another document lead.
TARGETS = {
    "users": "userId user followerId followingId senderId recipientId sellerId hostId participants uploadedBy "
    "updatedBy approvedBy reviewedBy author mentions relatedUserId fromUserId reporterId reportedUserId reportedBy "
    "assignedTo issuedBy ownerId",
    "contents": "contentId",
    "comments": "parentId commentId replyToId",
    "products": "productId",
    "stores": "storeId",
    "categories": "category",
    "orders": "orderId",
    "wallets": "walletId",
    "gifts": "giftId",
    "livestreams": "livestreamId",
    "coupons": "couponId",
    "conversations": "conversationId",
    "transactions": "walletTransactionId",
    "sounds": "soundId",
    "supporterbadges": "badge",
    "supportertiers": "nextTier",
}
TARGET_OF = {field: name for name, fields in TARGETS.items() for field in fields.split()}
# One row in the third collection, linked by the fourth, for every one in the counter.
COUNTERS = [
    ("users", "followersCount", "follows", "followingId"),
    ("users", "followingCount", "follows", "followerId"),
    ("contents", "viewsCount", "views", "contentId"),
    ("contents", "likesCount", "likes", "contentId"),
    ("contents", "savesCount", "saves", "contentId"),
    ("contents", "sharesCount", "shares", "contentId"),
    ("comments", "repliesCount", "comments", "parentId"),
    ("comments", "likesCount", "commentlikes", "commentId"),
    ("comments", "reportCount", "reports", "reportedId"),
    ("contents", "reportCount", "reports", "reportedId"),
    ("sounds", "usageCount", "contents", "soundId"),
    ("categories", "productsCount", "products", "category"),
    ("stores", "productsCount", "products", "storeId"),
    ("stores", "reviewsCount", "reviews", "storeId"),
    ("stores", "followersCount", "storefollows", "storeId"),
    ("products", "reviewsCount", "reviews", "productId"),
    ("products", "viewsCount", "eventtrackings", "relatedEntities.productId"),
    ("conversations", "messagesCount", "messages", "conversationId"),
    ("supporterbadges", "stats.totalAwarded", "userbadges", "badge"),
    ("coupons", "usageCount", "couponuses", "couponId"),
]
# The sum of a field over the linked rows.
SUMS = [
    ("users", "likesReceivedCount", "contents", "userId", "likesCount"),
    ("users", "viewsCount", "contents", "userId", "viewsCount"),
    ("gifts", "timesSent", "gifttransactions", "giftId", "quantity"),
    ("gifts", "totalRevenue", "gifttransactions", "giftId", "totalCost"),
    ("livestreams", "totalGiftsValue", "gifttransactions", "livestreamId", "totalCost"),
    ("stores", "totalSales", "products", "storeId", "salesCount"),
    ("stores", "totalRevenue", "products", "storeId", "totalRevenue"),
]
# Fields whose target depends on the field beside them.
TYPED = [
    ("notifications", "relatedContentId", "relatedType"),
    ("transactions", "referenceId", "referenceType"),
    ("reports", "reportedId", "reportedType"),
    ("moderationqueues", "contentId", "contentType"),
    ("strikes", "relatedContentId", "relatedContentType"),
]
TYPES = {
    "content": "contents",
    "comment": "comments",
    "user": "users",
    "livestream": "livestreams",
    "order": "orders",
    "message": "messages",
    "gift": "gifttransactions",
    "other": "payments",
}
IN_THE_FUTURE = {
    ("stories", "expiresAt"),
    ("storyviews", "expiresAt"),
    ("livestreams", "scheduledFor"),
    ("orders", "estimatedDelivery"),
    ("shippings", "estimatedDelivery"),
    ("products", "featuredUntil"),
    ("coupons", "validUntil"),
    ("strikes", "expiresAt"),
    ("users", "suspendedUntil"),
    ("uploadsessions", "expiresAt"),
}
MONEY = {"price", "compareAtPrice", "subtotal", "tax", "shipping", "discount", "total", "totalRevenue", "refundAmount"}
