"""A person's addresses: one document for all of them, so that limit and default hold without a transaction."""

from mongoengine import DateTimeField, EmbeddedDocument, EmbeddedDocumentListField, ObjectIdField, StringField

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

# What an order keeps of an address, by the names of its `shippingAddress`.
SENT_TO = ("fullName", "phone", "addressLine1", "addressLine2", "city", "state", "postalCode", "country")


class Address(EmbeddedDocument):
    """Where to send something; ``country`` is ISO 3166's two letters."""

    id = ObjectIdField(db_field="_id")
    fullName = StringField(required=True)
    phone = StringField(required=True)
    addressLine1 = StringField(required=True)
    addressLine2 = StringField()
    city = StringField(required=True)
    state = StringField()
    postalCode = StringField(required=True)
    country = StringField(required=True)
    createdAt = DateTimeField()
    updatedAt = DateTimeField()


class AddressBook(BaseDocument):
    """The addresses of ``userId``, which is ``_id`` too; ``defaultId`` is that of the one offered first."""

    meta = {"collection": "addressbooks"}

    id = ObjectIdField(db_field="_id", primary_key=True)
    userId = Ref("users", policy="delete", required=True)
    defaultId = ObjectIdField()
    addresses = EmbeddedDocumentListField(Address)
    updatedAt = DateTimeField(default=clock.now)
