"""What payers do in the sandbox, in the place of a provider's own page."""

from bson import ObjectId

from mixillo.blueprints.payments.queries import payments
from mixillo.blueprints.payments.services import providers
from mixillo.blueprints.payments.services.providers.sandbox import NAME, Sandbox


def complete(payment_id: ObjectId, payer_id: ObjectId) -> None:
    """Let the payer pay.

    :raises NotFound: the sandbox is not in use, or there is no such payment of the payer's.
    :raises PaymentRefused: it was given up.
    """
    _sandbox().complete(_reference(payment_id, payer_id))


def fail(payment_id: ObjectId, payer_id: ObjectId, reason: str) -> None:
    """Let the payer's card be declined.

    :raises NotFound: the sandbox is not in use, or there is no such payment of the payer's.
    :raises PaymentRefused: it is paid or was given up.
    """
    _sandbox().fail(_reference(payment_id, payer_id), reason)


def _sandbox() -> Sandbox:
    provider = providers.called(NAME)
    assert isinstance(provider, Sandbox)
    return provider


def _reference(payment_id: ObjectId, payer_id: ObjectId) -> str:
    payment = payments.stored(payment_id, userId=payer_id, provider=NAME)
    if not payment.get("providerReference"):  # the worker died before it had asked the provider
        raise payments.PaymentNotFound
    return str(payment["providerReference"])
