"""All that must hold in the database, on one page: what `backoffice verify` looks at."""

from collections.abc import Sequence

from backoffice_api.domain.approvals import checks as approvals
from backoffice_api.domain.audit import checks as audit
from backoffice_api.domain.banking import checks as banking
from backoffice_api.domain.bookkeeping import checks as bookkeeping
from backoffice_api.domain.bulk import checks as bulk
from backoffice_api.domain.catalog import checks as catalog
from backoffice_api.domain.counts import checks as counts
from backoffice_api.domain.custom_fields import checks as custom_fields
from backoffice_api.domain.customers import checks as customers
from backoffice_api.domain.discounts import checks as discounts
from backoffice_api.domain.feedback import checks as feedback
from backoffice_api.domain.fulfillment import checks as fulfillment
from backoffice_api.domain.identity import checks as identity
from backoffice_api.domain.integrations import checks as integrations
from backoffice_api.domain.invoicing import checks as invoicing
from backoffice_api.domain.kernel import field_history, sealed_rows
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.ledger import checks as ledger
from backoffice_api.domain.mailboxes import checks as mailboxes
from backoffice_api.domain.margins import checks as margins
from backoffice_api.domain.media import checks as media
from backoffice_api.domain.messages import checks as messages
from backoffice_api.domain.orders import checks as orders
from backoffice_api.domain.payables import checks as payables
from backoffice_api.domain.payments import checks as payments
from backoffice_api.domain.pricing import checks as pricing
from backoffice_api.domain.privacy import checks as privacy
from backoffice_api.domain.products import checks as products
from backoffice_api.domain.publishing import checks as publishing
from backoffice_api.domain.purchasing import checks as purchasing
from backoffice_api.domain.receivables import checks as receivables
from backoffice_api.domain.replenishment import checks as replenishment
from backoffice_api.domain.returns import checks as returns
from backoffice_api.domain.reviews import checks as reviews
from backoffice_api.domain.scanning import checks as scanning
from backoffice_api.domain.shipping import checks as shipping
from backoffice_api.domain.stock import checks as stock
from backoffice_api.domain.taxes import checks as taxes
from backoffice_api.domain.tickets import checks as tickets
from backoffice_api.domain.tickets.checks import clocks as ticket_clock_checks
from backoffice_api.domain.tickets.checks import desk as ticket_desk
from backoffice_api.domain.tracking import checks as tracking
from backoffice_api.domain.transfers import checks as transfers
from backoffice_api.domain.views import checks as views
from backoffice_api.domain.webhooks import checks as webhooks

# What `backoffice verify` asks, from the ground up.
CHECKS: Sequence[Check] = (
    *field_history.CHECKS,
    *audit.CHECKS,
    *sealed_rows.checks(),
    *identity.CHECKS,
    *custom_fields.CHECKS,
    *customers.CHECKS,
    *products.CHECKS,
    *pricing.CHECKS,
    *discounts.CHECKS,
    *stock.CHECKS,
    *taxes.CHECKS,
    *approvals.CHECKS,
    *ledger.CHECKS,
    *purchasing.CHECKS,
    *media.CHECKS,
    *catalog.CHECKS,
    *transfers.CHECKS,
    *counts.CHECKS,
    *replenishment.CHECKS,
    *payables.CHECKS,
    *orders.CHECKS,
    *payments.CHECKS,
    *receivables.CHECKS,
    *views.CHECKS,
    *tracking.CHECKS,
    *invoicing.CHECKS,
    *shipping.CHECKS,
    *messages.CHECKS,
    *mailboxes.CHECKS,
    *fulfillment.CHECKS,
    *reviews.CHECKS,
    *returns.CHECKS,
    *bookkeeping.CHECKS,
    *margins.CHECKS,
    *tickets.CHECKS,
    *ticket_desk.CHECKS,
    *ticket_clock_checks.CHECKS,
    *banking.CHECKS,
    *feedback.CHECKS,
    *publishing.CHECKS,
    *integrations.CHECKS,
    *bulk.CHECKS,
    *scanning.CHECKS,
    *privacy.CHECKS,
    *webhooks.CHECKS,
)
