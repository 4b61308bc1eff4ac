"""Beginning conversations: of two people once, of more as often as somebody likes."""

from contextlib import suppress
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.messaging.models import GROUP, Conversation, Standing
from mixillo.blueprints.messaging.queries import talks
from mixillo.blueprints.messaging.services import admission
from mixillo.blueprints.users.queries import people, relations
from mixillo.blueprints.users.services import contact
from mixillo.core import clock
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed

Document = dict[str, Any]
MOST_PEOPLE = 50


def with_one(viewer: Viewer, other_id: ObjectId) -> Document:
    """Return the stored conversation with somebody, begun now unless there is one.

    They see it when something is written in it.

    :raises ValidationFailed: that is oneself.
    :raises UserNotFound: there is no such person, or they block the viewer.
    :raises Blocking: the viewer blocks them.
    :raises NotWelcome: they take no messages from strangers like this one.
    """
    if viewer.id == other_id:
        raise ValidationFailed("You cannot write to yourself.")
    people.check_is_there(other_id)
    contact.check_not_blocked(viewer, other_id)
    known = talks.between(viewer.id, other_id)
    if known:
        return known
    admission.check_welcome(viewer, other_id)
    now = clock.now()
    made = Conversation(
        id=talks.pair_id(viewer.id, other_id), participants=[viewer.id, other_id], createdAt=now, updatedAt=now,
        participantStatus=[_standing(viewer.id), _standing(other_id, isArchived=True)],
    )  # fmt: skip
    return _store(made)


def with_many(viewer: Viewer, user_ids: list[ObjectId], names: Document, conversation_id: ObjectId) -> Document:
    """Begin a group and return it as it is stored; ``conversation_id`` makes repeating this harmless.

    ``names`` are ``groupName``, ``groupAvatar`` and ``groupDescription``; the viewer is its administrator.

    :raises ValidationFailed: somebody is not there, blocks the viewer or is blocked, or is not to be asked.
    """
    known = Conversation.collection().find_one({"_id": conversation_id, "adminId": viewer.id})
    if known:
        return known
    others = [each for each in dict.fromkeys(user_ids) if each != viewer.id]
    _check_all(viewer, others)
    now = clock.now()
    everybody = [viewer.id, *others]
    made = Conversation(
        id=conversation_id, type=GROUP, participants=everybody, adminId=viewer.id, createdAt=now, updatedAt=now,
        participantStatus=[_standing(each) for each in everybody], **names,
    )  # fmt: skip
    return _store(made)


def _check_all(viewer: Viewer, user_ids: list[ObjectId]) -> None:
    """Refuse who cannot be asked into a group, without saying why.

    :raises ValidationFailed: naming them.
    """
    hidden = set() if viewer.is_admin else set(relations.hidden_between(viewer.id))
    there = people.summaries(user_ids)
    refused = [each for each in user_ids if each not in there or each in hidden or not _takes(viewer, each)]
    if refused:
        raise ValidationFailed.of("participants", f"Cannot be asked: {', '.join(map(str, refused))}.")


def _takes(viewer: Viewer, user_id: ObjectId) -> bool:
    with suppress(admission.NotWelcome):
        admission.check_welcome(viewer, user_id)
        return True
    talk = talks.between(viewer.id, user_id)
    return talk is not None and _has_written(talk, user_id)


def _has_written(talk: Document, user_id: ObjectId) -> bool:
    return any(each["userId"] == user_id and each.get("lastSentAt") for each in talk.get("participantStatus") or [])


def _standing(user_id: ObjectId, **more: Any) -> Standing:
    return Standing(userId=user_id, **more)


def _store(made: Conversation) -> Document:
    """Store a conversation, unless the same request, or the other one, has just done so."""
    document: Document = made.to_mongo().to_dict()
    with suppress(DuplicateKeyError):
        Conversation.collection().insert_one(document)
    return Conversation.collection().find_one({"_id": made.id}) or document
