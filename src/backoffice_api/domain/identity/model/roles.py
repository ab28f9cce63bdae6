"""The roles that every shop has: which rights go together. They change with the program only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope


@dataclass(frozen=True, slots=True)
class RoleTemplate:
    """A role that every shop has. `key` names it for ever."""

    key: str
    name: str
    description: str
    scopes: frozenset[Scope]


# To see these is no part of reading everything: they are costs, persons, or what persons wrote.
MASKED: Final = frozenset(
    {Scope.COSTS_READ, Scope.PERSONAL_READ, Scope.PRIVACY_EXPORT, Scope.BULK_READ}
)

_READS = frozenset(each for each in Scope if each.value.endswith(":read"))
_CATALOG = frozenset({Scope.PRODUCTS_READ, Scope.FIELDS_READ})
# What everybody needs who works with lists: their views, and talk about what they see.
_DESK = frozenset(
    {
        Scope.VIEWS_READ,
        Scope.VIEWS_WRITE,
        Scope.COMMENTS_READ,
        Scope.COMMENTS_WRITE,
    }
)
# Whoever holds these could give themselves the rest, or undo what others keep an eye on.
_OF_OWNERS = frozenset(
    {Scope.ACCESS_WRITE, Scope.PRIVACY_ERASE, Scope.LEDGER_CLOSE, Scope.IMPORTS_WRITE}
)

_ORDER_DESK = (
    _DESK
    | _CATALOG
    | {
        Scope.CUSTOMERS_READ,
        Scope.CUSTOMERS_WRITE,
        Scope.PERSONAL_READ,
        Scope.STOCK_READ,
        Scope.ORDERS_READ,
        Scope.ORDERS_WRITE,
        Scope.ORDERS_REVIEW,
        Scope.PAYMENTS_READ,
        Scope.PAYMENTS_WRITE,
        Scope.REFUNDS_WRITE,
        Scope.APPROVALS_READ,
        Scope.INVOICES_READ,
        Scope.INVOICES_WRITE,
        Scope.FULFILLMENT_READ,
        Scope.SHIPPING_READ,
        Scope.TRACKING_READ,
        Scope.RETURNS_READ,
        Scope.RETURNS_WRITE,
        Scope.MESSAGES_READ,
        Scope.MESSAGES_WRITE,
    }
)
_WAREHOUSE = (
    _DESK
    | _CATALOG
    | {
        Scope.STOCK_READ,
        Scope.STOCK_WRITE,
        Scope.ORDERS_READ,
        Scope.PERSONAL_READ,
        Scope.FULFILLMENT_READ,
        Scope.FULFILLMENT_WRITE,
        Scope.SHIPPING_READ,
        Scope.SHIPPING_WRITE,
        Scope.TRACKING_READ,
        Scope.TRACKING_WRITE,
        Scope.RETURNS_READ,
        Scope.RETURNS_WRITE,
        Scope.PURCHASING_READ,
    }
)
_BUYER = (
    _DESK
    | _CATALOG
    | {
        Scope.PRODUCTS_WRITE,
        Scope.FIELDS_WRITE,
        Scope.COSTS_READ,
        Scope.COSTS_WRITE,
        Scope.STOCK_READ,
        Scope.PURCHASING_READ,
        Scope.PURCHASING_WRITE,
        Scope.BILLS_READ,
        Scope.APPROVALS_READ,
    }
)
_ACCOUNTANT = (
    _DESK
    | _CATALOG
    | {
        Scope.COSTS_READ,
        Scope.CUSTOMERS_READ,
        Scope.PERSONAL_READ,
        Scope.ORDERS_READ,
        Scope.PURCHASING_READ,
        Scope.PAYMENTS_READ,
        Scope.RECEIVABLES_READ,
        Scope.RECEIVABLES_WRITE,
        Scope.INVOICES_READ,
        Scope.INVOICES_WRITE,
        Scope.LEDGER_READ,
        Scope.LEDGER_WRITE,
        Scope.BILLS_READ,
        Scope.BILLS_WRITE,
        Scope.PAYMENT_RUNS_READ,
        Scope.PAYMENT_RUNS_WRITE,
        Scope.PAYMENT_RUNS_EXPORT,
        Scope.BANKING_READ,
        Scope.BANKING_WRITE,
        Scope.APPROVALS_READ,
        Scope.RETURNS_READ,
        Scope.EVENTS_READ,
        Scope.BULK_READ,
        Scope.BULK_WRITE,
    }
)
_SUPPORT = (
    _DESK
    | _CATALOG
    | {
        Scope.CUSTOMERS_READ,
        Scope.CUSTOMERS_WRITE,
        Scope.PERSONAL_READ,
        Scope.STOCK_READ,
        Scope.ORDERS_READ,
        Scope.PAYMENTS_READ,
        Scope.REFUNDS_WRITE,
        Scope.INVOICES_READ,
        Scope.FULFILLMENT_READ,
        Scope.SHIPPING_READ,
        Scope.TRACKING_READ,
        Scope.RETURNS_READ,
        Scope.RETURNS_WRITE,
        Scope.MESSAGES_READ,
        Scope.MESSAGES_WRITE,
        Scope.TICKETS_READ,
        Scope.TICKETS_WRITE,
        Scope.FEEDBACK_READ,
        Scope.PRIVACY_READ,
        Scope.PRIVACY_WRITE,
    }
)
_MARKETER = (
    _DESK
    | _CATALOG
    | {
        Scope.PRODUCTS_WRITE,
        Scope.FIELDS_WRITE,
        Scope.CUSTOMERS_READ,
        Scope.ORDERS_READ,
        Scope.STOCK_READ,
        Scope.MESSAGES_READ,
        Scope.MESSAGES_WRITE,
        Scope.FEEDBACK_READ,
        Scope.FEEDBACK_WRITE,
    }
)
_PARTNER = _CATALOG | {
    Scope.PRODUCTS_WRITE,
    Scope.STOCK_READ,
    Scope.CUSTOMERS_READ,
    Scope.CUSTOMERS_WRITE,
    Scope.PERSONAL_READ,
    Scope.ORDERS_READ,
    Scope.ORDERS_WRITE,
    Scope.PAYMENTS_READ,
    Scope.PAYMENTS_WRITE,
    Scope.FULFILLMENT_READ,
    Scope.TRACKING_READ,
    Scope.RETURNS_READ,
    Scope.RETURNS_WRITE,
    Scope.EVENTS_READ,
    Scope.WEBHOOKS_READ,
    Scope.WEBHOOKS_WRITE,
}

_ALL: tuple[RoleTemplate, ...] = (
    RoleTemplate("OWNER", "Owner", "May do everything.", ALL_SCOPES),
    RoleTemplate(
        "MANAGER",
        "Manager",
        "May do everything but give rights, erase persons, close the books and write history.",
        ALL_SCOPES - _OF_OWNERS,
    ),
    RoleTemplate(
        "ORDER_DESK", "Order desk", "Places, changes and refunds orders.", frozenset(_ORDER_DESK)
    ),
    RoleTemplate(
        "WAREHOUSE", "Warehouse", "Picks, packs, ships, counts, receives.", frozenset(_WAREHOUSE)
    ),
    RoleTemplate(
        "BUYER", "Buyer", "Keeps the catalog, its costs and its suppliers.", frozenset(_BUYER)
    ),
    RoleTemplate(
        "ACCOUNTANT",
        "Accountant",
        "Enters bills, prepares payment runs, keeps the books. Approves neither.",
        frozenset(_ACCOUNTANT),
    ),
    RoleTemplate(
        "SUPPORT",
        "Support",
        "Answers customers, and puts right what went wrong.",
        frozenset(_SUPPORT),
    ),
    RoleTemplate(
        "MARKETER",
        "Marketer",
        "Keeps texts, prices, messages and reviews; sees no persons.",
        frozenset(_MARKETER),
    ),
    RoleTemplate(
        "AUDITOR",
        "Auditor",
        "Reads everything and changes nothing; costs and personal data stay masked.",
        _READS - MASKED,
    ),
    RoleTemplate(
        "PARTNER",
        "Partner",
        "A program of a partner: a shop, a marketplace, a carrier.",
        frozenset(_PARTNER),
    ),
)

TEMPLATES: Final[Mapping[str, RoleTemplate]] = {each.key: each for each in _ALL}
