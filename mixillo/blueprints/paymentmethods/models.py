"""Payment methods, with the stored field names of the existing collection."""

from mongoengine import BooleanField, DateTimeField, EmbeddedDocument, EmbeddedDocumentField, IntField, StringField

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

CREDIT, DEBIT, BANK, PAYPAL, WALLET = TYPES = ("credit_card", "debit_card", "bank_account", "paypal", "wallet")
PROVIDERS = ("stripe", "paypal", "internal")
ACCOUNT_TYPES = ("checking", "savings")


class Card(EmbeddedDocument):
    """What is printed on a receipt of a card."""

    brand = StringField()
    last4 = StringField()
    expiryMonth = IntField()
    expiryYear = IntField()


class BankAccount(EmbeddedDocument):
    """What is printed on a receipt of an account."""

    bankName = StringField()
    accountType = StringField(choices=ACCOUNT_TYPES)
    last4 = StringField()


class PaymentMethod(BaseDocument):
    """Something to pay with; ``providerId`` is the token under which the provider knows it, and nobody is shown."""

    meta = {"collection": "paymentmethods"}

    userId = Ref("users", policy="delete", required=True)
    type = StringField(required=True, choices=TYPES)
    provider = StringField(required=True, choices=PROVIDERS)
    providerId = StringField()
    card = EmbeddedDocumentField(Card)
    bankAccount = EmbeddedDocumentField(BankAccount)
    isDefault = BooleanField(default=False)
    isActive = BooleanField(default=True)
    isVerified = BooleanField(default=False)
    nickname = StringField()
    lastUsedAt = DateTimeField()
    updatedAt = DateTimeField(default=clock.now)
