"""Every table of every context: importing this fills `metadata`."""

from backoffice_api.domain.approvals import tables as approvals
from backoffice_api.domain.audit import tables as audit
from backoffice_api.domain.banking.tables import forecast as cash_forecast
from backoffice_api.domain.banking.tables import matching as bank_matching
from backoffice_api.domain.banking.tables import statements as banking
from backoffice_api.domain.bookkeeping import tables as bookkeeping
from backoffice_api.domain.bulk import tables as bulk
from backoffice_api.domain.catalog import tables as catalog
from backoffice_api.domain.counts import tables as counts
from backoffice_api.domain.custom_fields import tables as custom_fields
from backoffice_api.domain.customers import tables as customers
from backoffice_api.domain.customers.tables import accounts as customer_accounts
from backoffice_api.domain.customers.tables import consents as customer_consents
from backoffice_api.domain.customers.tables import merging as customer_merging
from backoffice_api.domain.customs import tables as customs
from backoffice_api.domain.discounts import tables as discounts
from backoffice_api.domain.feedback import tables as feedback
from backoffice_api.domain.fulfillment import tables as fulfillment
from backoffice_api.domain.identity import tables as identity
from backoffice_api.domain.integrations import tables as integrations
from backoffice_api.domain.invoicing import tables as invoicing
from backoffice_api.domain.kernel import (
    answers,
    events,
    external_ids,
    field_history,
    inbox,
    jobs,
    keys,
    sealed_rows,
    search,
)
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.ledger import tables as ledger
from backoffice_api.domain.ledger.tables import budgets
from backoffice_api.domain.mailboxes import tables as mailboxes
from backoffice_api.domain.margins import tables as margins
from backoffice_api.domain.media import tables as media
from backoffice_api.domain.messages import tables as messages
from backoffice_api.domain.orders import tables as orders
from backoffice_api.domain.orders.tables import channel_stock
from backoffice_api.domain.payables.tables import bills, matching
from backoffice_api.domain.payables.tables import runs as payment_runs
from backoffice_api.domain.payments import tables as payments
from backoffice_api.domain.pricing import tables as pricing
from backoffice_api.domain.privacy import tables as privacy
from backoffice_api.domain.products import tables as products
from backoffice_api.domain.publishing import tables as publishing
from backoffice_api.domain.purchasing.tables import orders as purchase_orders
from backoffice_api.domain.purchasing.tables import suppliers
from backoffice_api.domain.receivables import tables as receivables
from backoffice_api.domain.replenishment import tables as replenishment
from backoffice_api.domain.returns import tables as returns
from backoffice_api.domain.returns.tables import claims, exchanges
from backoffice_api.domain.returns.tables import credits as return_credits
from backoffice_api.domain.returns.tables import labels as return_labels
from backoffice_api.domain.returns.tables import money as return_money
from backoffice_api.domain.returns.tables import shipments as return_shipments
from backoffice_api.domain.returns.tables import supplying as return_supplying
from backoffice_api.domain.reviews import tables as reviews
from backoffice_api.domain.scanning import tables as scanning
from backoffice_api.domain.shipping import tables as shipping
from backoffice_api.domain.slotting import tables as slotting
from backoffice_api.domain.stock import tables as stock
from backoffice_api.domain.stock.tables import capacity as stock_capacity
from backoffice_api.domain.taxes import tables as taxes
from backoffice_api.domain.tickets import tables as tickets
from backoffice_api.domain.tickets.tables import clocks as ticket_clocks
from backoffice_api.domain.tickets.tables import desk as ticket_desk
from backoffice_api.domain.tracking import tables as tracking
from backoffice_api.domain.transfers import tables as transfers
from backoffice_api.domain.views import tables as views
from backoffice_api.domain.webhooks import tables as webhooks

__all__ = [
    "answers",
    "approvals",
    "audit",
    "bank_matching",
    "banking",
    "bills",
    "bookkeeping",
    "budgets",
    "bulk",
    "cash_forecast",
    "catalog",
    "channel_stock",
    "claims",
    "counts",
    "custom_fields",
    "customer_accounts",
    "customer_consents",
    "customer_merging",
    "customers",
    "customs",
    "discounts",
    "events",
    "exchanges",
    "external_ids",
    "feedback",
    "field_history",
    "fulfillment",
    "identity",
    "inbox",
    "integrations",
    "invoicing",
    "jobs",
    "keys",
    "ledger",
    "mailboxes",
    "margins",
    "matching",
    "media",
    "messages",
    "metadata",
    "orders",
    "payment_runs",
    "payments",
    "pricing",
    "privacy",
    "products",
    "publishing",
    "purchase_orders",
    "receivables",
    "replenishment",
    "return_credits",
    "return_labels",
    "return_money",
    "return_shipments",
    "return_supplying",
    "returns",
    "reviews",
    "scanning",
    "sealed_rows",
    "search",
    "shipping",
    "slotting",
    "stock",
    "stock_capacity",
    "suppliers",
    "taxes",
    "ticket_clocks",
    "ticket_desk",
    "tickets",
    "tracking",
    "transfers",
    "views",
    "webhooks",
]
