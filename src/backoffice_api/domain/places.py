"""Where the rows of each table belong: the one declaration on which all bounds of rights rest.

A table that is lacking here is closed to callers with bounds. How ways are written, says
`kernel.places`; the words of a line are tables.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from backoffice_api.domain.kernel.places import FREE, Own, Part, Place, Places, Placing, Pointer
from backoffice_api.domain.kernel.reach import Dimension
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.seeing import Sight
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.placed_kinds import FREE_KINDS, KINDS
from backoffice_api.domain.stock.model.locations import VIRTUAL_IDS

Ways = Mapping[str, str]


def _under(
    scope: Scope,
    *,
    channel: Ways | None = None,
    location: Ways | None = None,
    team: Ways | None = None,
    free: str = "",
    closed: str = "",
) -> Iterator[tuple[str, Place]]:
    """Places of the tables that are seen under one right.

    `free`: of no dimension; `closed`: not told apart by any.
    """
    given = {
        dimension: ways
        for dimension, ways in (
            (Dimension.CHANNEL, channel),
            (Dimension.LOCATION, location),
            (Dimension.TEAM, team),
        )
        if ways is not None
    }
    for name in dict.fromkeys(name for ways in given.values() for name in ways):
        found = {dimension: ways[name] for dimension, ways in given.items() if name in ways}
        yield name, Place(scope, found)
    for name in free.split():
        yield name, Place(scope, dict.fromkeys(given, FREE))
    for name in closed.split():
        yield name, Place(scope, {})


def _of(names: str, way: str) -> Ways:
    return dict.fromkeys(names.split(), way)


_FULFILLMENT_PARTS = {
    **_of("fulfillment_lines fulfillment_put_backs parcels", "fulfillment_id>fulfillments"),
    "fulfillment_picks": "fulfillment_line_id>fulfillment_lines",
    "parcel_lines": "parcel_id>parcels",
}
_SHIPPING_PARTS = {
    "shipments": "fulfillment_id>fulfillments",
    "freight_charges": "shipment_id>shipments",
    "shipping_labels": "shipment_id>shipments|return_label_id>return_labels",
    "label_tickets": "label_id>shipping_labels",
    "rate_quotes": "parcel_id>parcels",
    "rate_candidates": "quote_id>rate_quotes",
}
_TRACKING_PARTS = _of(
    "tracking_events tracking_exceptions tracking_polls tracking_readings", "tracking_id>trackings"
)
_RETURN_PARTS = {
    **_of(
        "return_lines return_receipts return_inspections return_orders return_refunds "
        "return_refund_reversals return_shipments return_labels refused_parcels exchanges",
        "return_id>returns",
    ),
    **_of("return_refund_lines return_refund_payments", "return_refund_id>return_refunds"),
    "return_refund_reversal_lines": "reversal_id>return_refund_reversals",
    **_of("exchange_lines exchanged_pieces", "exchange_id>exchanges"),
    "supplier_pieces": "inspection_id>return_inspections",
    "carrier_claims": "return_id>returns|tracking_id>trackings|parcel_id>parcels",
}

_PLACED: Mapping[str, Placing] = {
    **dict(
        _under(
            Scope.ORDERS_READ,
            channel={
                "channels": "id",
                **_of(
                    "orders channel_orders channel_stock_rules channel_stock_told backorders "
                    "channel_taxes",
                    "channel_id",
                ),
                "discount_codes": "channel_id?",
                **_of(
                    "order_lines order_addresses order_discounts order_holds order_quotes "
                    "discount_uses order_taxes",
                    "order_id>orders",
                ),
                "order_line_components": "line_id>order_lines",
            },
        )
    ),
    **dict(
        _under(
            Scope.ORDERS_REVIEW,
            channel={
                **_of("reviews review_policies risk_rules", "channel_id"),
                "review_signals": "review_id>reviews",
                "review_keys": "order_id>orders",
            },
            closed="review_progress",
        )
    ),
    **dict(
        _under(
            Scope.PAYMENTS_READ,
            channel={
                **_of("payments refunds disputes payment_transactions", "order_id>orders"),
                **_of("payment_installments payment_operations", "payment_id>payments"),
            },
            closed="store_credits store_credit_entries",
        )
    ),
    **dict(
        _under(
            Scope.RECEIVABLES_READ,
            channel={
                "receivables": "order_id>orders",
                **_of(
                    "receivable_settlements dunning_notices write_offs",
                    "receivable_id>receivables",
                ),
            },
            free="dunning_steps payout_terms",
            closed="payouts payout_lines credit_limits credit_progress",
        )
    ),
    **dict(
        _under(
            Scope.INVOICES_READ,
            channel={
                **_of("invoices seller_channels", "channel_id"),
                **_of("invoice_lines invoice_taxes", "invoice_id>invoices"),
                "fiscal_documents": "order_id>orders",
                "documents": "subject_id>orders|subject_id>invoices|subject_id>fulfillments"
                "|subject_id>parcels|subject_id>shipments|subject_id>returns",
            },
            free="sellers invoice_series",
        )
    ),
    **dict(
        _under(
            Scope.MESSAGES_READ,
            channel={"messages": "order_id>orders"},
            free="message_templates message_template_revisions message_progress",
        )
    ),
    **dict(
        _under(
            Scope.FEEDBACK_READ,
            channel=_of("surveys product_reviews feedback_policies", "channel_id"),
            closed="feedback_counts feedback_progress",
        )
    ),
    **dict(
        _under(
            Scope.APPROVALS_READ,
            channel={
                "approval_requests": "channel_id",
                "approval_decisions": "request_id>approval_requests",
                "approval_rules": "channel_id?",
                "approval_rule_staff": "rule_id>approval_rules",
            },
            free="approval_delegations",
        )
    ),
    **dict(
        _under(
            Scope.COSTS_READ,
            channel={
                "margin_shares": "channel_id",
                **_of(
                    "costs cost_history stock_costs stock_cost_layers stock_cost_entries "
                    "stock_value_snapshots margin_restatements",
                    FREE,
                ),
            },
            location=_of("costs cost_history", FREE),
        )
    ),
    **dict(
        _under(
            Scope.FULFILLMENT_READ,
            channel={
                "fulfillments": "order_id>orders",
                **_FULFILLMENT_PARTS,
                **_of("fulfillment_sites location_walks", FREE),
            },
            location={
                **_of("fulfillments waves", "location_id"),
                **_FULFILLMENT_PARTS,
                "fulfillment_sites": "id",
                "location_walks": "site_id",
            },
            free="packagings fulfillment_calendars fulfillment_calendar_periods "
            "fulfillment_holidays routing_strategies",
        )
    ),
    **dict(
        _under(
            Scope.SHIPPING_READ,
            channel=_SHIPPING_PARTS,
            location={**_SHIPPING_PARTS, "pickups": "location_id"},
            free="carriers carrier_services carrier_surcharges carrier_service_figures "
            "rate_tables rate_table_rows rate_table_zones",
            closed="manifests",
        )
    ),
    **dict(
        _under(
            Scope.TRACKING_READ,
            channel={"trackings": "order_id>orders", **_TRACKING_PARTS},
            location={"trackings": "parcel_id>parcels", **_TRACKING_PARTS},
            free="tracking_mappings",
        )
    ),
    **dict(
        _under(
            Scope.RETURNS_READ,
            channel={**_of("returns recorded_credits", "channel_id"), **_RETURN_PARTS},
            location={"returns": "location_id", **_RETURN_PARTS},
            free="return_policies return_reasons return_series",
        )
    ),
    **dict(
        _under(
            Scope.STOCK_READ,
            location={
                **_of(
                    "stock_levels stock_reservations stock_snapshots count_tasks count_lines "
                    "devices device_scans location_capacities pick_faces",
                    "location_id",
                ),
                "stock_lot_levels": "level_id>stock_levels",
                **_of("stock_movements transfers putaway_rules", "from_location_id|to_location_id"),
                "transfer_lines": "transfer_id>transfers",
            },
            free="stock_lots stock_variant_settings stock_snapshot_months",
        )
    ),
    **dict(
        _under(
            Scope.PURCHASING_READ,
            location={
                **_of(
                    "purchase_orders purchase_receipts purchase_returns replenishment_rules",
                    "location_id",
                ),
                "purchase_order_lines": "order_id>purchase_orders",
                **_of(
                    "purchase_receipt_lines purchase_receipt_charges",
                    "receipt_id>purchase_receipts",
                ),
                "purchase_return_lines": "return_id>purchase_returns",
                "replenishment_targets": "rule_id>replenishment_rules",
            },
            free="suppliers supplier_addresses supplier_contacts supplier_tax_ids supplier_items "
            "supplier_item_prices supplier_bank_accounts supplier_bank_changes "
            "purchase_approval_limits purchasing_series billed_order_lines",
        )
    ),
    **dict(
        _under(
            Scope.TICKETS_READ,
            team={
                "ticket_teams": "id",
                **_of("ticket_team_members tickets ticket_records mailboxes", "team_id"),
                "ticket_macros": "team_id?",
                **_of(
                    "ticket_messages ticket_acts ticket_checklists ticket_clocks ticket_links "
                    "ticket_conversations ticket_moves ticket_notices ticket_openings "
                    "ticket_participants "
                    "ticket_presences ticket_tags received_mails sent_mails",
                    "ticket_id>tickets",
                ),
                "ticket_drafts": "id>tickets",
                "ticket_act_results": "act_id>ticket_acts",
                "ticket_checklist_items": "checklist_id>ticket_checklists",
                "received_mail_parts": "mail_id>received_mails",
                "mailbox_states": "mailbox_id>mailboxes",
            },
            free="canned_answers canned_texts checklist_templates sla_policies sla_terms "
            "ticket_rules ticket_series ticket_rule_progress",
        )
    ),
    # Suppliers, customers, scrap: the other end of many movements.
    "stock_locations": Place(
        Scope.STOCK_READ, {Dimension.LOCATION: "id"}, frozenset(VIRTUAL_IDS.values())
    ),
    "events": Pointer("subject_kind", "subject_id", Scope.EVENTS_READ),
    "comments": Pointer("subject_kind", "subject_id", Scope.COMMENTS_READ),
    "webhook_deliveries": Pointer("subject_kind", "subject_id", Scope.WEBHOOKS_READ),
    "comment_mentions": Part("comment_id", "comments"),
    "webhook_attempts": Part("delivery_id", "webhook_deliveries"),
    **dict.fromkeys(
        ("bulk_imports", "bulk_exports", "bulk_runs", "stored_files"), Own("actor_kind", "actor_id")
    ),
    **dict.fromkeys(("bulk_remarks", "bulk_rejected_rows"), Part("import_id", "bulk_imports")),
    "bulk_run_items": Part("run_id", "bulk_runs"),
    "file_tickets": Part("file_id", "stored_files"),
}

# They say nothing of channels, locations or teams: things, people, settings, the books of the
# whole, and what is reached only through rows that have a place.
_FREE: Final = frozenset(
    """
    access_policies answers api_tokens attached_files audit_exports bank_accounts bank_lessons
    bank_match_items bank_match_lines bank_matches bank_statement_parts bank_statements
    bank_suggestions barcodes bill_attachments bill_credits bill_instalments bill_lines
    bill_payments bill_pix_codes bill_sources bills
    books books_openings categories channel_readiness
    collection_choices collection_members collection_progress collections
    custom_field_definitions custom_field_values customer_addresses customer_consent_states
    customer_consents customer_contacts customer_duplicate_progress customer_duplicates
    customer_group_members customer_groups customer_keys customer_locations
    customer_merge_moves customer_merges customer_notes customer_tags customer_tax_ids
    customers event_fields event_seals exchange_rates external_ids fiscal_profiles
    forecast_scenarios jobs journal_entries journal_postings journal_seals journal_unsealed
    keys kit_components ledger_accounts ledger_balances ledger_budget_lines ledger_budgets
    ledger_period_exceptions
    ledger_periods list_prices match_tolerances media_files media_uploads order_line_postings
    payer_accounts payment_files payment_returns payment_run_lines payment_run_series
    payment_runs price_history price_lists price_set_entries price_sets prices
    privacy_erased_places privacy_erasures
    privacy_exports privacy_reads privacy_requests privacy_retention_rules
    privacy_retention_runs product_categories product_media products provider_accounts
    provider_logins publications reconciliation_rules recovery_codes recurring_items
    role_grants roles saved_view_readers saved_views search_entries second_factors sessions
    staff statement_lines tax_rates variant_customs variant_tax_classes variants
    webhook_progress webhook_secrets webhook_states webhooks
    """.split()  # noqa: SIM905
)

# Nobody asks for their rows through the API: they stand here so that none is forgotten.
CLOSED: Final = frozenset(
    {
        "encryption_keys",
        "event_rewritings",
        "event_rewritten",
        "import_documents",
        "import_runs",
        "inbox",
        "key_holders",
        "login_challenges",
        "login_tries",
        "passwords",
        "privacy_doomed_files",
        "privacy_reach",
        "return_link_uploads",
        "shared_budgets",
    }
)

PLACES: Final = Places(_PLACED, _FREE, KINDS, FREE_KINDS)

SIGHT: Final = Sight(PLACES, lambda: frozenset(metadata.tables))
