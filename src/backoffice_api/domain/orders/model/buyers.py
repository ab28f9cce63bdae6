"""Orders that somebody places for a company: up to a limit alone, above it with approval."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.customers.model.accounts import BuyerRole, Contact
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.money import Money

BUYERS = frozenset({BuyerRole.BUYER, BuyerRole.ADMIN})


@dataclass(eq=False)
class UnknownBuyer(Missing):
    """The customer of the order has no contact with this id."""

    id: UUID
    message = "The customer has no such contact."


@dataclass(eq=False)
class NotABuyer(Refused):
    """The contact speaks for the customer, and may not order for it."""

    message = "This contact may not order for the customer."


def is_beyond(buyer: Contact | None, amount: Money) -> bool:
    """Whether an order of this amount is for somebody else to decide on.

    A limit in another currency says nothing of this order, so that all of it is. None: the buyer
    was removed, and spends nothing any more.
    """
    if buyer is None:
        return True
    limit = buyer.spend_limit
    if limit is None:
        return False
    return limit.currency != amount.currency or amount.minor > limit.minor
