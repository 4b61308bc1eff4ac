"""Why a payment cannot be made, believed or given back."""

from mixillo.errors import AppError, Conflict, ServiceUnavailable


class PaymentsUnavailable(ServiceUnavailable):
    """No provider is configured, or it does not answer."""

    code, title = "payments_unavailable", "Payments are not possible right now"


class PaymentRefused(Conflict):
    """The provider does not do what was asked of it."""

    code, title = "payment_refused", "The payment provider refused"


class NotRefundable(Conflict):
    """There is not so much to give back."""

    code, title = "payment_not_refundable", "This payment cannot be refunded"


class BadWebhook(AppError):
    """The event was not signed by the provider, or not now, or is of no use."""

    status, code, title = 400, "bad_webhook_signature", "The event is not the provider's"
