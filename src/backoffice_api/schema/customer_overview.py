"""What a customer is to the shop: worth, debts. All links of the contexts above orders.

Returns, store credit, credit limits, margins and return rates stand with their own contexts.
"""

from datetime import date, datetime

from backoffice_api.domain.customers.queries.accounts import contacts_by_ids
from backoffice_api.domain.orders.queries.lifetimes import lifetimes_by_customers
from backoffice_api.domain.receivables.queries.owed import owed_by_customers
from backoffice_api.schema.channels import READ as ORDERS
from backoffice_api.schema.customer_accounts import CustomerContact
from backoffice_api.schema.customers import READ as CUSTOMERS
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money
from backoffice_api.schema.orders import Order
from backoffice_api.schema.receivables import READ as RECEIVABLES
from backoffice_api.schema.scalars import CurrencyCode


@described
class CustomerLifetime:
    """The orders of a customer in one currency, without those that were cancelled."""

    currency: CurrencyCode = about("The currency.")
    order_count: int = about("How many orders.")
    value: Money = about("What they come to now, less what returns gave back.")
    average: Money = about("The value of one order, rounded down.")
    first_placed_at: datetime = about("When the first one was placed.")
    last_placed_at: datetime = about("When the last one was placed.")


@described
class CustomerOwed:
    """What is asked of a customer in one currency and open."""

    currency: CurrencyCode = about("The currency.")
    open: Money = about("What is open.")
    count: int = about("Of how many receivables.")
    oldest_due_on: date = about("When the first of them is, or was, due.")


attach(
    Customer,
    "lifetime",
    list[CustomerLifetime],
    many(
        lifetimes_by_customers,
        "id",
        "What its orders were worth, one row for each currency. Empty: it never ordered.",
        scope=ORDERS,
    ),
)
attach(
    Customer,
    "owed",
    list[CustomerOwed],
    many(
        owed_by_customers,
        "id",
        "What is open of its receivables, one row for each currency. Empty if nothing.",
        scope=RECEIVABLES,
    ),
)
attach(
    Order,
    "buyer",
    CustomerContact | None,
    one(
        contacts_by_ids,
        "buyer_id",
        "The contact who placed it for the customer. Null: none was named, or it was removed.",
        scope=CUSTOMERS,
    ),
)
