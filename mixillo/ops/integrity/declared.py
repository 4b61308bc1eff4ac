"""References of the existing collections whose features have no models yet.

A model's own :class:`~mixillo.core.db.Ref` fields win: as soon as a collection has a model, its row here is
ignored and a test asks for its removal. Money, orders and whatever is kept as a record are only ever reported.
References that may lead to several collections (``featureds.itemId``, ``aitags.contentId``) cannot be declared.
"""

from collections.abc import Iterator

from mixillo.core import db
from mixillo.core.db import BaseDocument, Reference

# collection: path>target policy, …; a path goes through lists and embedded documents alike.
TABLE = """
adcampaigns: advertiserId>users reassign
aimoderations: reviewedBy>users nullify
aitags: reviewedBy>users nullify, manualCorrections.correctedBy>users nullify
analytics: userId>users nullify, contentId>contents nullify
analyticsdashboards: owner>users delete, storeId>stores nullify, sharedWith.user>users nullify
analyticsevents: userId>users nullify, storeId>stores nullify, productId>products nullify, orderId>orders report
analyticsreports: recipients.user>users nullify, owner>users report, storeId>stores nullify
auditlogs: userId>users report
campaigns: storeId>stores nullify, coupons>coupons nullify, createdBy>users reassign
chatmessages: chatSession>livechats delete, sender>users report
contentmetrics: contentId>contents delete
contentrecommendations: userId>users delete, recommendedContent.contentId>contents nullify
contentrights: contentId>contents delete, ownerId>users report, claimedBy.userId>users nullify
creatorearnings: creatorId>users report
creatorsubscriptions: creator>users report, subscriber>users report, gifted.giftedBy>users report
credits: userId>users report, relatedOrderId>orders report
credittransactions: user>users report, package>creditpackages report, gift>gifts report,
    giftTransaction>gifttransactions report, relatedUser>users report, processedBy>users report
customerservices: userId>users report, assignedTo>users nullify, messages.from>users nullify, resolvedBy>users nullify
disputes: orderId>orders report, transactionId>transactions report, userId>users report, storeId>stores report,
    evidence.uploadedBy>users report, messages.from>users report, messages.to>users report, resolvedBy>users report
explorersections: content>contents nullify
faqcategories: parent>faqcategories nullify, children>faqcategories nullify
faqs: createdBy>users nullify, updatedBy>users nullify
featureds: createdBy>users nullify
knowledgebases: category>faqcategories report, ratings.user>users nullify, author>users reassign,
    lastModifiedBy>users nullify, reviewedBy>users nullify, changeLog.modifiedBy>users nullify
kpis: owner>users report, storeId>stores nullify
livechats: userId>users report, agentId>users nullify, messages.senderId>users nullify
loyaltymembers: userId>users report, programId>loyaltyprograms report, pointsHistory.orderId>orders report
loyaltyprograms: storeId>stores report, pointsSystem.earningRules.categoryBonuses.categoryId>categories nullify,
    createdBy>users reassign
moderationqueue: contentId>contents delete, moderationResultId>moderationresults report, creatorId>users report,
    assignedTo>users nullify
moderationresults: contentId>contents delete, creatorId>users report, manualReview.reviewer>users nullify,
    appeal.appealReviewer>users nullify, action.appliedBy>users nullify, userReports.reasons.reportedBy>users nullify
multihostsessions: livestreamId>livestreams delete, hosts.userId>users nullify
pages: author>users nullify
payouts: storeId>stores report, transactions.transactionId>transactions report, transactions.orderId>orders report,
    approvedBy>users report
pkbattles: host1Id>users report, host2Id>users report, livestreamId>livestreams nullify, winnerId>users nullify
productattributetemplates: categoryIds>categories nullify, createdBy>users nullify, updatedBy>users nullify
scheduledcontents: userId>users delete, contentId>contents nullify
shippinglabels: orderId>orders report, storeId>stores report
sounds: uploadedBy>users nullify
subscriptions: userId>users report, creatorId>users report, tierId>subscriptiontiers report
subscriptiontiers: creatorId>users report
supporttickets: customer>users report, assignedTo>users nullify, relatedOrder>orders report,
    relatedProduct>products nullify, relatedStore>stores nullify,
    internalNotes.addedBy>users nullify, resolution.resolvedBy>users nullify,
    messages>ticketmessages nullify
systemsettings: updatedBy>users nullify
ticketmessages: ticket>supporttickets delete, sender>users report, inResponseTo>ticketmessages nullify
tickets: userId>users report, assignedTo>users nullify, replies.userId>users nullify
trendingrecords: contentId>contents delete
useractivities: userId>users delete
usercreditbalances: user>users report
userprofiles: user>users delete, preferences.favoriteCreators.creator>users nullify,
    feedState.seenContent>contents nullify
videoqualities: contentId>contents delete
viewevents: contentId>contents delete, userId>users delete, creatorId>users nullify
wallettransactions: walletId>wallets report, relatedOrderId>orders report, relatedTransactionId>transactions report,
    relatedUserId>users report, processedBy>users report
"""


def references() -> list[Reference]:
    """Return every reference that the audit follows, sorted: the models' own and the rows above."""
    covered = modelled()
    declared = [reference for reference in rows() if reference.collection not in covered]
    return sorted([*db.references(), *declared], key=lambda reference: (reference.collection, reference.path))


def modelled() -> set[str]:
    """Return the names of the collections that have a model."""
    return {model._meta["collection"] for model in BaseDocument.__subclasses__()}


def rows() -> Iterator[Reference]:
    """Yield the references of the table above."""
    for line in TABLE.replace("\n    ", " ").split("\n"):
        collection, _, references_of_it = line.partition(": ")
        for text in filter(None, references_of_it.split(", ")):
            path, target, policy = text.replace(">", " ").split()
            yield Reference(collection, path, target, policy)
