"""Which rights can be bounded by what. A bound never widens: what cannot be told apart is left out.

A grant with a bound gives those rights of its role that can be bounded by it, bounded; and those
that say nothing of the dimension, as they are. All others it does not give: whoever sells in one
channel only does not get the books of all of them along with that.
"""

from collections.abc import Mapping
from typing import Final

from backoffice_api.domain.kernel.reach import Dimension
from backoffice_api.domain.kernel.scopes import Scope

_CHANNEL = frozenset({Dimension.CHANNEL})
_LOCATION = frozenset({Dimension.LOCATION})
_TEAM = frozenset({Dimension.TEAM})
_BOTH = _CHANNEL | _LOCATION

LIMITABLE: Final[Mapping[Scope, frozenset[Dimension]]] = {
    **dict.fromkeys(
        (
            Scope.ORDERS_READ,
            Scope.ORDERS_WRITE,
            Scope.ORDERS_REVIEW,
            Scope.PAYMENTS_READ,
            Scope.PAYMENTS_WRITE,
            Scope.REFUNDS_WRITE,
            Scope.RECEIVABLES_READ,
            Scope.RECEIVABLES_WRITE,
            Scope.INVOICES_READ,
            Scope.INVOICES_WRITE,
            Scope.MESSAGES_READ,
            Scope.MESSAGES_WRITE,
            Scope.FEEDBACK_READ,
            Scope.FEEDBACK_WRITE,
            Scope.APPROVALS_READ,
            Scope.APPROVALS_DECIDE,
        ),
        _CHANNEL,
    ),
    **dict.fromkeys(
        (
            Scope.STOCK_READ,
            Scope.STOCK_WRITE,
            Scope.COUNTS_REVIEW,
            Scope.PURCHASING_READ,
            Scope.PURCHASING_WRITE,
            Scope.PURCHASING_APPROVE,
        ),
        _LOCATION,
    ),
    **dict.fromkeys(
        (
            Scope.COSTS_READ,
            Scope.FULFILLMENT_READ,
            Scope.FULFILLMENT_WRITE,
            Scope.SHIPPING_READ,
            Scope.SHIPPING_WRITE,
            Scope.TRACKING_READ,
            Scope.TRACKING_WRITE,
            Scope.RETURNS_READ,
            Scope.RETURNS_WRITE,
            Scope.RETURNS_APPROVE,
        ),
        _BOTH,
    ),
    **dict.fromkeys((Scope.TICKETS_READ, Scope.TICKETS_WRITE, Scope.TICKETS_MANAGE), _TEAM),
}

# What these show or change belongs to no channel, location or team; or to whoever sees what it is
# about (comments, the log); or to its maker (views, files).
_OF_NOTHING = frozenset(
    {
        Scope.PRODUCTS_READ,
        Scope.PRODUCTS_WRITE,
        Scope.FIELDS_READ,
        Scope.FIELDS_WRITE,
        Scope.CUSTOMERS_READ,
        Scope.CUSTOMERS_WRITE,
        Scope.PERSONAL_READ,
        Scope.COMMENTS_READ,
        Scope.COMMENTS_WRITE,
        Scope.VIEWS_READ,
        Scope.VIEWS_WRITE,
        Scope.EVENTS_READ,
        Scope.BULK_READ,
        Scope.BULK_WRITE,
        Scope.WEBHOOKS_READ,
        Scope.WEBHOOKS_WRITE,
        Scope.SCHEMA_READ,
    }
)

# What these show is seen with what it is about. Of whoever holds them for a part only, nothing is
# seen but what is about something that he may see.
_ABOUT_OTHERS: Final = frozenset({Scope.EVENTS_READ, Scope.COMMENTS_READ, Scope.WEBHOOKS_READ})

# Rights whose use moves money out: each of their commands says whether it measures what it moves.
MEASURED: Final = frozenset(
    {
        Scope.REFUNDS_WRITE,
        Scope.PAYMENTS_WRITE,
        Scope.RECEIVABLES_WRITE,
        Scope.BILLS_APPROVE,
        Scope.PAYMENT_RUNS_APPROVE,
        Scope.PURCHASING_APPROVE,
        Scope.APPROVALS_DECIDE,
    }
)


def bounded_by(scope: Scope) -> frozenset[Dimension]:
    """The dimensions of a grant that bound a right which it gives."""
    if scope in _ABOUT_OTHERS:
        return frozenset(Dimension)
    return LIMITABLE.get(scope, frozenset())


def is_given(scope: Scope, dimensions: frozenset[Dimension]) -> bool:
    """Whether a grant that is bounded by these dimensions gives the right at all."""
    return not dimensions or scope in LIMITABLE or scope in _OF_NOTHING
