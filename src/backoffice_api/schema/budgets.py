"""Budgets, and how what happened compares with them, on the wire."""

from datetime import date

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.ledger import queries as ledger
from backoffice_api.domain.ledger.model import budgets as model
from backoffice_api.domain.ledger.model.budgets import BudgetLineDraft
from backoffice_api.domain.ledger.queries import budgets as queries
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.stock import queries as stock
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.channels import READ as ORDERS
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.ledger import READ, Account
from backoffice_api.schema.links import many, one
from backoffice_api.schema.money import Money, MoneyInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import READ as PRODUCTS
from backoffice_api.schema.products import Product
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.stock import READ as STOCK
from backoffice_api.schema.stock import Location
from backoffice_api.schema.suppliers import READ as PURCHASING
from backoffice_api.schema.suppliers import Supplier


@described
class BudgetLine:
    """What an account is meant to come to in each month of a time."""

    from_: date = about("The first day of the first month.", name="from")
    to: date = about("The first day of the month behind the last one.")
    amount: Money = about("So much each month; above zero as accounts of its kind grow.")
    account: Account = one(ledger.accounts_by_ids, "account_id", "The account.")


@node("bgt", model.Budget, queries.budgets_by_ids, scope=READ)
class Budget(Node, Versioned, HasTimeline):
    """What accounts are meant to come to, month by month, in the currency of the books."""

    name: str = about("What it is called.")
    currency: CurrencyCode = about("The currency of its amounts.")
    is_active: bool = about("False: it was removed.")
    lines: list[BudgetLine] = many(queries.lines_by_budgets, "id", "At most 500, in their order.")
    channel: Channel | None = one(
        orders.channels_by_ids, "channel_id", "Only what is about it. Null: all.", scope=ORDERS
    )
    supplier: Supplier | None = one(
        purchasing.suppliers_by_ids,
        "supplier_id",
        "Only what is about it. Null: all.",
        scope=PURCHASING,
    )
    product: Product | None = one(
        products.products_by_ids, "product_id", "Only what is about it. Null: all.", scope=PRODUCTS
    )
    location: Location | None = one(
        stock.locations_by_ids, "location_id", "Only what is about it. Null: all.", scope=STOCK
    )


@described
class BudgetRow:
    """An account: what it was meant to come to, and what it did."""

    planned: Money = about("What the budget says; zero where it says nothing.")
    actual: Money = about("What was posted, as accounts of its kind grow.")
    difference: Money = about("What it came to beyond the plan; below zero: less.")
    account: Account = one(ledger.accounts_by_ids, "account_id", "The account.")


@described
class BudgetComparison:
    """A budget and what happened, over whole months."""

    from_: date = about("From this day on.", name="from")
    to: date = about("Up to but without this day.")
    rows: list[BudgetRow] = about(
        "By the codes of the accounts: those of the budget, and all others that earned or cost."
    )
    planned_result: Money = about("Income less expenses, as planned.")
    actual_result: Money = about("Income less expenses, as they were.")
    unrated: int = about("How many postings are not counted in the currency of the books yet.")


@payload
class BudgetPayload(MutationPayload):
    """What a mutation of a budget answers."""

    budget: Budget | None = one(
        queries.budgets_by_ids, "value", "It as it is now. Null if it was refused."
    )


@strawberry.input(description="What an account is meant to come to in each month of a time.")
class BudgetLineInput:
    account_id: strawberry.ID = about("Which account.")
    from_: date = about("The first day of the first month.", name="from")
    to: date = about("The first day of the month behind the last one.")
    amount: MoneyInput = about(
        "So much each month, in the currency of the books; above zero as accounts of its kind grow."
    )

    def value(self) -> BudgetLineDraft:
        account_id = ids.parse("acc", self.account_id)
        return BudgetLineDraft(account_id, self.from_, self.to, self.amount.value())


@strawberry.input(description="A budget as a whole.")
class BudgetSetInput:
    name: str = about("What it is called, at most 120 characters; one of this name is set anew.")
    lines: list[BudgetLineInput] = about("What accounts are meant to come to, at most 500 lines.")
    channel_id: strawberry.ID | None = about("Only what is about this channel.", default=None)
    supplier_id: strawberry.ID | None = about("Only what is about this supplier.", default=None)
    product_id: strawberry.ID | None = about("Only what is about this product.", default=None)
    location_id: strawberry.ID | None = about("Only what is about this location.", default=None)
