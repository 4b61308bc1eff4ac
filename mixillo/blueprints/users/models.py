"""Users, follows and blocks, with the stored field names of the existing collections."""

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    StringField,
)

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref
from mixillo.core.security import ROLES

ACTIVE, BANNED, SUSPENDED, INACTIVE = "active", "banned", "suspended", "inactive"
STATUSES = (ACTIVE, BANNED, SUSPENDED, INACTIVE)
GENDERS = ("male", "female", "other", "prefer_not_to_say")
AUDIENCES = ("everyone", "followers", "none")
SELLER_STATUSES = ("pending", "approved", "rejected", "suspended")


class SocialLinks(EmbeddedDocument):
    """Where else a person is to be found."""

    instagram = StringField()
    twitter = StringField()
    facebook = StringField()
    youtube = StringField()
    tiktok = StringField()


class NotificationSettings(EmbeddedDocument):
    """What a person wants to be told, and by which way."""

    push = BooleanField(default=True)
    email = BooleanField(default=True)
    sms = BooleanField(default=False)
    likes = BooleanField(default=True)
    comments = BooleanField(default=True)
    follows = BooleanField(default=True)
    mentions = BooleanField(default=True)
    messages = BooleanField(default=True)
    liveStreams = BooleanField(default=True)
    orders = BooleanField(default=True)


class PrivacySettings(EmbeddedDocument):
    """Who may see and say what."""

    isPrivate = BooleanField(default=False)
    allowMessages = StringField(default="everyone", choices=AUDIENCES)
    allowComments = StringField(default="everyone", choices=AUDIENCES)
    showOnlineStatus = BooleanField(default=True)


class DeviceToken(EmbeddedDocument):
    """A device that takes push messages."""

    token = StringField()
    device = StringField()
    addedAt = DateTimeField(default=clock.now)


class User(BaseDocument):
    """A person's account. ``password`` is a hash; e-mail addresses are stored in lower case."""

    meta = {"collection": "users"}

    email = StringField(required=True)
    username = StringField(required=True)
    password = StringField(required=True)
    fullName = StringField(required=True)
    avatar = StringField()
    bio = StringField()
    phone = StringField()
    dateOfBirth = DateTimeField()
    gender = StringField(default="prefer_not_to_say", choices=GENDERS)
    website = StringField()

    role = StringField(default="user", choices=ROLES)
    status = StringField(default=ACTIVE, choices=STATUSES)
    # Until when who is suspended stays so; without it until somebody says otherwise.
    suspendedUntil = DateTimeField()
    isVerified = BooleanField(default=False)
    isFeatured = BooleanField(default=False)

    # Hashes (SHA-256) of the tokens that are on their way by mail.
    verificationToken = StringField()
    verificationTokenExpire = DateTimeField()
    emailVerifiedAt = DateTimeField()
    resetPasswordToken = StringField()
    resetPasswordExpire = DateTimeField()

    followersCount = IntField(default=0)
    followingCount = IntField(default=0)
    videosCount = IntField(default=0)
    likesReceivedCount = IntField(default=0)
    viewsCount = IntField(default=0)

    socialLinks = EmbeddedDocumentField(SocialLinks, default=SocialLinks)
    fcmTokens = EmbeddedDocumentListField(DeviceToken)
    notificationSettings = EmbeddedDocumentField(NotificationSettings, default=NotificationSettings)
    privacySettings = EmbeddedDocumentField(PrivacySettings, default=PrivacySettings)

    isCreator = BooleanField(default=False)
    isSeller = BooleanField(default=False)
    sellerStatus = StringField(default="pending", choices=SELLER_STATUSES)
    storeId = Ref("stores", policy="nullify")

    firebaseUid = StringField()
    migratedFromFirebase = BooleanField(default=False)
    migrationDate = DateTimeField()
    lastLogin = DateTimeField()
    lastActiveAt = DateTimeField()
    # What they call themselves while they are there: online (without it), away, busy, offline.
    presenceStatus = StringField()
    loginCount = IntField(default=0)
    lastLoginIP = StringField()
    lastLoginDevice = StringField()
    deletedAt = DateTimeField()
    deletionRequested = BooleanField()
    deletionScheduledFor = DateTimeField()
    updatedAt = DateTimeField(default=clock.now)


class Follow(BaseDocument):
    """``followerId`` follows ``followingId``; a pair is there once."""

    meta = {"collection": "follows"}

    followerId = Ref("users", policy="delete", required=True)
    followingId = Ref("users", policy="delete", required=True)
    notificationsEnabled = BooleanField(default=True)


class Block(BaseDocument):
    """``userId`` does not want to see or be seen by ``blockedUserId``; a pair is there once."""

    meta = {"collection": "blockedusers"}

    userId = Ref("users", policy="delete", required=True)
    blockedUserId = Ref("users", policy="delete", required=True)
