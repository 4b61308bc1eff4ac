"""Shapes of people, in and out."""

from datetime import UTC, date, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from mixillo.blueprints.users.models import AUDIENCES, GENDERS, SELLER_STATUSES, STATUSES
from mixillo.blueprints.users.services.accounts import EMAIL, EMAIL_LENGTH, USERNAME
from mixillo.core import clock
from mixillo.core.schemas import BaseSchema, Id, Limit, PageQuery, QuerySchema, Text, Timestamp, web_address
from mixillo.core.security import ROLES

# The end of the text, for Python and for clients that read the pattern in OpenAPI: there is no \Z in JavaScript.
END = r"$(?!\n)"
PHONE = rf"^\+?[0-9][0-9 ()./-]{{4,24}}{END}"
OLDEST_BIRTH_YEAR = 1900


class Username(fields.String):
    """3 to 30 letters, digits or underscores; unique whatever the case."""

    def __init__(self, **keywords: Any) -> None:
        rule = validate.Regexp(f"^{USERNAME.pattern}{END}", error="Must have 3 to 30 letters, digits or underscores.")
        super().__init__(validate=rule, metadata={"example": "ada"}, **keywords)


class Email(fields.String):
    """An e-mail address, stored in lower case."""

    def __init__(self, **keywords: Any) -> None:
        metadata = {"format": "email", "example": "ada@example.com"}
        super().__init__(validate=validate.Length(max=EMAIL_LENGTH), metadata=metadata, **keywords)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> str:
        address = super()._deserialize(value, attr, data, **keywords).strip().lower()
        if not EMAIL.fullmatch(address[: EMAIL_LENGTH + 1]):
            raise ValidationError("Not a valid e-mail address.")
        return address


class PhoneNumber(Text):
    """A phone number as people write it."""

    def __init__(self, **keywords: Any) -> None:
        rule = validate.Regexp(PHONE, error="Not a phone number.")
        super().__init__(max_length=30, validators=[rule], metadata={"example": "+44 20 7946 0000"}, **keywords)


class BirthDate(fields.Field[datetime]):
    """A day in the past, as ``YYYY-MM-DD``; of a date with a time, as some clients send it, the day counts."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "date", "example": "1990-12-10"}, **keywords)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> datetime:
        try:
            day = date.fromisoformat(value.partition("T")[0])
        except (AttributeError, ValueError):
            raise ValidationError("Not a valid date.") from None
        if day.year < OLDEST_BIRTH_YEAR or day > clock.now().date():
            raise ValidationError(f"Must be in the past and not before {OLDEST_BIRTH_YEAR}.")
        return datetime(day.year, day.month, day.day, tzinfo=UTC)


def web_address_or_handle(text: str) -> None:
    """Accept a web address or a plain name such as ``@ada``.

    :raises ValidationError: anything else.
    """
    if ":" in text or "/" in text:
        web_address(text)


def _strict_boolean(**keywords: Any) -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False}, **keywords)


class SocialLinksSchema(BaseSchema):
    """Where else a person is to be found: web addresses or names."""

    instagram = Text(max_length=200, validators=[web_address_or_handle], allow_none=True)
    twitter = Text(max_length=200, validators=[web_address_or_handle], allow_none=True)
    facebook = Text(max_length=200, validators=[web_address_or_handle], allow_none=True)
    youtube = Text(max_length=200, validators=[web_address_or_handle], allow_none=True)
    tiktok = Text(max_length=200, validators=[web_address_or_handle], allow_none=True)


class PrivacySettingsSchema(BaseSchema):
    """Who may see and say what."""

    isPrivate = _strict_boolean()
    allowMessages = fields.String(validate=validate.OneOf(AUDIENCES))
    allowComments = fields.String(validate=validate.OneOf(AUDIENCES))
    showOnlineStatus = _strict_boolean()


class NotificationSettingsSchema(BaseSchema):
    """What a person wants to be told, and by which way."""

    push = _strict_boolean()
    email = _strict_boolean()
    sms = _strict_boolean()
    likes = _strict_boolean()
    comments = _strict_boolean()
    follows = _strict_boolean()
    mentions = _strict_boolean()
    messages = _strict_boolean()
    liveStreams = _strict_boolean()
    orders = _strict_boolean()


class MobileNotificationSettingsSchema(BaseSchema):
    """The same under the names that the mobile app sends."""

    push = _strict_boolean(data_key="pushEnabled")
    email = _strict_boolean(data_key="emailEnabled")
    likes = _strict_boolean(data_key="likesEnabled")
    comments = _strict_boolean(data_key="commentsEnabled")
    follows = _strict_boolean(data_key="followsEnabled")
    messages = _strict_boolean(data_key="messagesEnabled")
    liveStreams = _strict_boolean(data_key="liveEnabled")


class ProfileChangesSchema(BaseSchema):
    """What people may change about themselves; objects are merged, ``null`` clears."""

    fullName = Text(min_length=1, max_length=100)
    bio = Text(max_length=500, allow_none=True)
    website = Text(max_length=200, validators=[web_address], allow_none=True)
    dateOfBirth = BirthDate(allow_none=True)
    gender = fields.String(validate=validate.OneOf(GENDERS))
    phone = PhoneNumber(allow_none=True)
    avatar = fields.String(
        allow_none=True, validate=validate.OneOf([], error="Upload a picture instead; null removes it."),
        metadata={"description": "`null` removes the picture; pictures come by upload."},
    )  # fmt: skip
    socialLinks = fields.Nested(SocialLinksSchema)
    privacySettings = fields.Nested(PrivacySettingsSchema)
    notificationSettings = fields.Nested(NotificationSettingsSchema)


class NewAccountSchema(BaseSchema):
    """An account that an operator creates."""

    username = Username(required=True)
    email = Email(required=True)
    fullName = Text(required=True, min_length=1, max_length=100)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class UsersQuery(PageQuery):
    """Which people a list shows."""

    role = fields.String(validate=validate.OneOf(ROLES))
    isVerified = fields.Boolean()


class SearchQuery(QuerySchema):
    """What to look for among people."""

    q = Text(required=True, min_length=2, max_length=100, metadata={"example": "ada"})
    limit = Limit()


class PublicUserSchema(BaseSchema):
    """What everybody may see of a person: never e-mail address or phone number."""

    _id = Id(required=True)
    id = Id(required=True)
    username = fields.String(required=True, metadata={"example": "ada"})
    fullName = fields.String(required=True, metadata={"example": "Ada Lovelace"})
    avatar = fields.String(required=True, allow_none=True)
    bio = fields.String(required=True, allow_none=True)
    website = fields.String(required=True, allow_none=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    isVerified = fields.Boolean(required=True)
    isFeatured = fields.Boolean(required=True)
    followersCount = fields.Integer(required=True)
    followingCount = fields.Integer(required=True)
    videosCount = fields.Integer(required=True)
    likesReceivedCount = fields.Integer(required=True)
    viewsCount = fields.Integer(required=True)
    socialLinks = fields.Dict(
        keys=fields.String(), values=fields.String(allow_none=True), required=True, allow_none=True
    )
    isCreator = fields.Boolean(required=True)
    isSeller = fields.Boolean(required=True)
    storeId = Id(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    profileUrl = fields.String(required=True, metadata={"example": "/@ada"})
    isPrivate = fields.Boolean(required=True)


class ProfileStatsSchema(BaseSchema):
    """The counters of a profile under the names that the mobile app reads."""

    followers = fields.Integer(required=True)
    following = fields.Integer(required=True)
    videos = fields.Integer(required=True)


class ProfileSchema(PublicUserSchema):
    """A person's page, as the viewer sees it."""

    stats = fields.Nested(ProfileStatsSchema, required=True)
    isFollowing = fields.Boolean(required=True)


class OwnUserSchema(PublicUserSchema):
    """What people see of their own account."""

    class Meta(BaseSchema.Meta):
        """Marshmallow's options."""

        exclude = ("isPrivate",)

    email = fields.String(required=True, metadata={"example": "ada@example.com"})
    phone = fields.String(required=True, allow_none=True)
    gender = fields.String(required=True, allow_none=True, validate=validate.OneOf(GENDERS))
    dateOfBirth = Timestamp(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    isActive = fields.Boolean(required=True)
    notificationSettings = fields.Nested(NotificationSettingsSchema, required=True)
    privacySettings = fields.Nested(PrivacySettingsSchema, required=True)
    sellerStatus = fields.String(required=True, allow_none=True, validate=validate.OneOf(SELLER_STATUSES))
    migratedFromFirebase = fields.Boolean(required=True)
    lastLogin = Timestamp(required=True, allow_none=True)
    lastActiveAt = Timestamp(required=True, allow_none=True)
    loginCount = fields.Integer(required=True)
    emailVerifiedAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)
