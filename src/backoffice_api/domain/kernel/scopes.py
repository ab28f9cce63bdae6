"""Rights: one vocabulary for staff and API tokens. Who holds a scope may do what it says."""

from backoffice_api.domain.kernel.choices import Choice


class Scope(Choice):
    """A right. Reading and writing are apart; costs and personal data have rights of their own."""

    PRODUCTS_READ = "products:read", "See products and variants."
    PRODUCTS_WRITE = "products:write", "Make and change products and variants."
    FIELDS_READ = "fields:read", "See which custom fields are defined."
    FIELDS_WRITE = "fields:write", "Define custom fields."
    COSTS_READ = "costs:read", "See what things cost the shop."
    COSTS_WRITE = "costs:write", "Set what things cost the shop."
    CUSTOMERS_READ = "customers:read", "See customers, without personal data."
    CUSTOMERS_WRITE = "customers:write", "Make and change customers."
    CUSTOMERS_MERGE = "customers:merge", "Merge duplicates of customers, and undo it."
    PERSONAL_READ = "personal:read", "See names, addresses and other personal data."
    STOCK_READ = "stock:read", "See locations, stock levels, movements and reservations."
    STOCK_WRITE = "stock:write", "Make locations, adjust stock, make and release reservations."
    PURCHASING_READ = (
        "purchasing:read",
        "See suppliers, purchase orders, receipts and replenishment.",
    )
    PURCHASING_WRITE = (
        "purchasing:write",
        "Make and change suppliers and purchase orders, receive and send back goods.",
    )
    PURCHASING_APPROVE = (
        "purchasing:approve",
        "Approve purchase orders and changes of suppliers' bank accounts; set the limits.",
    )
    PAYMENTS_READ = (
        "payments:read",
        "See payments, refunds, disputes and store credit; numbers of bank accounts in full.",
    )
    PAYMENTS_WRITE = (
        "payments:write",
        "Make, authorise, capture, void and record payments; handle disputes, adjust store credit.",
    )
    RECEIVABLES_READ = (
        "receivables:read",
        "See receivables, payouts, dunning, credit limits and write-offs.",
    )
    RECEIVABLES_WRITE = (
        "receivables:write",
        "Import payouts, remind customers, set credit limits, ask for write-offs.",
    )
    REFUNDS_WRITE = "refunds:write", "Pay money back to customers."
    COUNTS_REVIEW = "counts:review", "See what blind counts expect; approve and post counts."
    DEVICES_USE = (
        "devices:use",
        "Hold a scanner: see what is to be done and counted, and enter counts; see no levels.",
    )
    ORDERS_READ = "orders:read", "See channels and orders."
    ORDERS_WRITE = "orders:write", "Make channels; place, hold, change and cancel orders."
    APPROVALS_READ = "approvals:read", "See what needs or needed approval, and the rules."
    APPROVALS_WRITE = "approvals:write", "Say what needs approval, and whose."
    APPROVALS_DECIDE = "approvals:decide", "Grant and decline what needs approval."
    LEDGER_READ = "ledger:read", "See accounts, journal entries, rates and reports of the books."
    LEDGER_WRITE = (
        "ledger:write",
        "Make and change accounts, post and take back journal entries, add rates.",
    )
    LEDGER_CLOSE = "ledger:close", "Close and open months of the books; allow exceptions."
    BILLS_READ = "bills:read", "See bills of suppliers, what is paid of them and what is open."
    BILLS_WRITE = "bills:write", "Enter, submit and dispute bills; record payments and credits."
    BILLS_APPROVE = (
        "bills:approve",
        "Approve, reject and void bills; waive what does not match, set the tolerances.",
    )
    PAYMENT_RUNS_READ = (
        "payment-runs:read",
        "See payment runs; numbers of bank accounts in full take more.",
    )
    PAYMENT_RUNS_WRITE = (
        "payment-runs:write",
        "Propose and cancel payment runs, note what banks say of them, set accounts to pay from.",
    )
    PAYMENT_RUNS_APPROVE = "payment-runs:approve", "Approve payment runs of others."
    PAYMENT_RUNS_EXPORT = (
        "payment-runs:export",
        "Export payment runs to the bank, and fetch their files.",
    )
    TRACKING_READ = "tracking:read", "See where parcels are, and what carriers told of them."
    TRACKING_WRITE = "tracking:write", "Record what is told of parcels; look after exceptions."
    MESSAGES_READ = "messages:read", "See templates and messages; recipients take more."
    MESSAGES_WRITE = "messages:write", "Make templates; send messages to customers."
    INVOICES_READ = "invoices:read", "See sellers, invoices, documents and fiscal documents."
    INVOICES_WRITE = (
        "invoices:write",
        "Set sellers; issue invoices and credit notes, have documents drawn and handed in.",
    )
    SHIPPING_READ = "shipping:read", "See carriers, rates, shipments, manifests and pickups."
    SHIPPING_WRITE = (
        "shipping:write",
        "Set up carriers and rates; buy and void labels, hand over parcels, audit freight.",
    )
    RETURNS_READ = "returns:read", "See returns, their reasons and policies."
    RETURNS_WRITE = "returns:write", "Ask for returns, receive and inspect them; set reasons."
    RETURNS_APPROVE = (
        "returns:approve",
        "Approve and decline returns, pay them back, waive goods; set policies.",
    )
    FULFILLMENT_READ = (
        "fulfillment:read",
        "See fulfillments, parcels, waves, pick lists and working calendars.",
    )
    FULFILLMENT_WRITE = (
        "fulfillment:write",
        "Plan, pick, pack and ship; set up routing, calendars and packaging.",
    )
    BANKING_READ = "banking:read", "See bank accounts, statements and what their lines are."
    BANKING_WRITE = (
        "banking:write",
        "Make bank accounts, import statements, match and post their lines, set the rules.",
    )
    WEBHOOKS_READ = "webhooks:read", "See webhooks, and what was delivered to whom."
    WEBHOOKS_WRITE = (
        "webhooks:write",
        "Make and change webhooks; have events sent out that one may see oneself.",
    )
    ORDERS_REVIEW = (
        "orders:review",
        "See what was found in orders, decide whether they go on, and set the rules.",
    )
    TICKETS_READ = "tickets:read", "See tickets and teams; what people wrote takes more."
    TICKETS_WRITE = "tickets:write", "Open tickets, answer, assign, merge and split them."
    TICKETS_MANAGE = "tickets:manage", "Set up teams, policies, macros and rules of tickets."
    FEEDBACK_READ = "feedback:read", "See surveys, reviews of products and scores."
    FEEDBACK_WRITE = (
        "feedback:write",
        "Set who is asked what; record answers; publish, hide and answer reviews.",
    )
    EVENTS_READ = "events:read", "Read the log of everything that happened."
    JOBS_READ = "jobs:read", "See work that is queued, under way or failed."
    JOBS_WRITE = "jobs:write", "Cancel and retry queued work."
    METRICS_READ = "metrics:read", "Read the figures of the server at /metrics."
    ACCESS_READ = "access:read", "See staff, sessions and API tokens."
    ACCESS_WRITE = "access:write", "Make and change staff and API tokens, with any right."
    SCHEMA_READ = "schema:read", "Introspect the schema where that is not open to everybody."
    BULK_READ = "bulk:read", "See imports and exports of files; their files take more."
    BULK_WRITE = "bulk:write", "Import and export files, of what one may write or see anyway."
    VIEWS_READ = "views:read", "See saved views, and what was done on many things at once."
    VIEWS_WRITE = (
        "views:write",
        "Save and share views; do on many things at once what one may do on each.",
    )
    PRIVACY_READ = "privacy:read", "See requests of persons, erasures, and who read personal data."
    PRIVACY_WRITE = "privacy:write", "Note requests of persons; set for how long data are kept."
    PRIVACY_EXPORT = "privacy:export", "Export all that is known of a person."
    PRIVACY_ERASE = "privacy:erase", "Erase persons."
    AUDIT_READ = "audit:read", "See the seals of the log of events, and exports of it."
    AUDIT_EXPORT = "audit:export", "Export the log of events with its seals."
    COMMENTS_READ = "comments:read", "Read comments on what one may see, and mentions of oneself."
    COMMENTS_WRITE = "comments:write", "Comment on what one may see."
    IMPORTS_WRITE = "imports:write", "Record history from other systems as it was."


ALL_SCOPES = frozenset(Scope)
