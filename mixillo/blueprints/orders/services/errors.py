"""Why something cannot be done with an order."""

from mixillo.errors import Conflict


class CartEmpty(Conflict):
    """There is nothing to order."""

    code, title = "cart_empty", "The cart is empty"


class CartChanged(Conflict):
    """Not everything is as it was put into the cart; ``changes`` says what is not."""

    code, title = "cart_changed", "Something in the cart has changed"


class TotalChanged(Conflict):
    """It costs something else than the buyer was shown; ``total`` says what."""

    code, title = "total_changed", "The total has changed"


class NotPayable(Conflict):
    """The order is not waiting for a payment."""

    code, title = "order_not_payable", "There is nothing to pay"


class NotPaid(Conflict):
    """Nobody has paid yet."""

    code, title = "order_not_paid", "The order is not paid"


class NotCancellable(Conflict):
    """The goods have left, or are there already."""

    code, title = "order_not_cancellable", "The order cannot be cancelled any more"


class WrongStep(Conflict):
    """From where the order is, nothing leads to where it should be."""

    code, title = "order_status_conflict", "The order cannot get this status"


class NotReturnable(Conflict):
    """The order has not arrived, it was too long ago, or nobody asked for it."""

    code, title = "order_not_returnable", "The order cannot be sent back"


class NotRefundable(Conflict):
    """There is not so much to give back."""

    code, title = "order_not_refundable", "There is not so much to give back"
