"""Which columns hold texts and yet tell of nobody: declared one by one, so that new ones are seen.

A column that is neither marked as personal nor declared here fails a test. What the shop says of
itself and of its goods is declared by table; names that are harmless wherever they stand, once.
"""

from collections.abc import Mapping

# Codes, kinds, digests, names of programs and of countries.
_HARMLESS = (
    "actor carrier carrier_reference code command countries country currency digest hash kind "
    "locale media_type number path prefix provider provider_reference purchase_key scopes "
    "service sku slug system time_zone tracking_number type zone"
)
WORDS = frozenset(_HARMLESS.split())
ENDINGS = ("_kind", "_hash", "_currency", "_digest", "_prefix", "sha256", "_sku")

_DECLARED = {
    "api_tokens": "name hint",
    "approval_rules": "scope",
    "audit_exports": "file",
    "bank_accounts": "name holder iban bic account_number branch bank_code",
    "bank_lessons": "key",
    "bank_statements": "reference mismatch_reason",
    "bank_suggestions": "items",
    "barcodes": "key",
    "bill_attachments": "name",
    "bill_lines": "description",
    "bill_payments": "reference",
    "bills": "number_key note reason source_reference waiver_reason",
    "bulk_imports": "file mapping header fields",
    "bulk_remarks": "column",
    "bulk_runs": "mutation target",
    "carrier_services": "name",
    "carrier_surcharges": "label areas_given",
    "carriers": (
        "name account connector sender_name sender_lines sender_city sender_region "
        "sender_postal_code sender_country"
    ),
    "categories": "name description",
    "channel_orders": "key told",
    "channel_readiness": "rules",
    "channels": "name",
    "collection_progress": "name",
    "collections": "name description rules",
    "count_tasks": "name",
    "credit_progress": "name",
    "customer_tax_ids": "value_index",
    "custom_field_definitions": "key name description minimum maximum pattern choices",
    "devices": "name",
    "documents": "parts",
    "encryption_keys": "id probe",
    "event_seals": "digests key_id signature",
    "events": "request_id",
    "exchange_rates": "source",
    "fiscal_documents": "reference",
    "fiscal_profiles": "data",
    "forecast_scenarios": "name extras",
    "freight_charges": "invoice",
    "fulfillment_calendars": "name weekdays",
    "fulfillment_holidays": "name",
    "fulfillment_sites": "region postal_code",
    "fulfillments": "explanation",
    "import_documents": "source key",
    "import_runs": "source fingerprint file counts",
    "inbox": "topic event_id",
    "invoice_lines": "title tax_reason",
    "invoice_taxes": "reason",
    "invoices": "order_number seller",
    "journal_entries": "source",
    "keys": "name value",
    "ledger_accounts": "name",
    "ledger_period_exceptions": "reason",
    "login_tries": "key tried_at",
    "manifests": "trouble",
    "margin_restatements": "reason",
    "match_tolerances": "key",
    "message_progress": "name",
    "message_template_revisions": "subject text html",
    "message_templates": "subject text html",
    "messages": "mail_key",
    "order_discounts": "label",
    "order_lines": "title external_key",
    "order_quotes": "lines",
    "packagings": "name",
    "payer_accounts": "name agreement",
    "payment_files": "name",
    "payment_run_lines": "reference said_code said",
    "payments": "pending_operation",
    "payout_lines": "reference",
    "payouts": "reference",
    "pickups": "note confirmation trouble",
    "price_lists": "name customer_tag",
    "privacy_doomed_files": "storage key",
    "privacy_erased_places": "place",
    "privacy_exports": "json_file pdf_file",
    "privacy_reach": "place hold",
    "privacy_reads": "request_id operation",
    "privacy_retention_runs": "place",
    "product_media": "alt_text",
    "products": "title description brand option_names",
    "provider_accounts": "issuer",
    "provider_logins": "nonce verifier",
    "purchase_order_lines": "title",
    "purchase_orders": "note supplier_reference",
    "purchase_receipt_charges": "description",
    "purchase_receipt_lines": "rejection lot_code",
    "purchase_receipts": "delivery_note",
    "purchase_returns": "reason",
    "rate_candidates": "refused parts",
    "rate_table_zones": "region postal_from postal_to",
    "rate_tables": "name",
    "reconciliation_rules": "name",
    "recorded_credits": "title",
    "recurring_items": "name",
    "return_lines": "title lot_code",
    "return_policies": "name conditions source",
    "return_reasons": "name",
    "return_shipments": "drop_off_code",
    "review_policies": "home_country",
    "review_progress": "name",
    "risk_rules": "values",
    "saved_views": "name target sort",
    "second_factors": "secret",
    "sellers": (
        "name trade_name lines district city region postal_code tax_ids registration email "
        "phone iban bic bank_name tax_rates untaxed_reason footer fiscal_provider "
        "fiscal_data"
    ),
    "shipping_labels": "key",
    "statement_lines": "excluded_because",
    "stock_locations": "name",
    "stock_movements": "reason",
    "stored_files": "name",
    "supplier_contacts": "role",
    "supplier_items": "title",
    "suppliers": "name incoterm",
    "tracking_events": "content_key source",
    "tracking_mappings": "source",
    "tracking_readings": "mapping_version",
    "trackings": "state_key",
    "transfers": "reference",
    "variant_customs": "hs_code country_of_origin description",
    "variants": "option_values options_key",
    "waves": "name",
    "canned_answers": "title",
    "canned_texts": "text",
    "checklist_templates": "title items",
    "customer_consent_states": "text_version",
    "customer_consents": "text_version",
    "customer_duplicate_progress": "name",
    "customer_groups": "name description",
    "customer_merge_moves": "table_name",
    "customer_merges": "filled",
    "feedback_policies": "link_base",
    "feedback_progress": "name",
    "mailbox_states": "cursor trouble",
    "mailboxes": "name address address_key folder done_folder",
    "received_mail_parts": "fault",
    "received_mails": "content_key",
    "sent_mails": "mail_id",
    "sla_policies": ("name sources priorities team_ids languages customer_tags customer_group_ids"),
    "sla_terms": "hours",
    "ticket_checklists": "title",
    "ticket_macros": "title add_tags remove_tags",
    "ticket_records": "state_code",
    "ticket_rule_progress": "name",
    "ticket_rules": "title exceptions tags",
    "ticket_tags": "tag",
    "ticket_team_members": "skills",
    "ticket_teams": "name",
    "tickets": "language skill opened_by_rule cause_key",
    "webhook_attempts": "reason",
    "webhook_deliveries": "event_type reason",
    "webhook_progress": "name",
    "webhook_secrets": "secret",
    "webhooks": "name url event_types conditions changed_fields document",
}

OF_TABLES: Mapping[str, frozenset[str]] = {
    table: frozenset(names.split()) for table, names in _DECLARED.items()
}


def is_impersonal(table: str, column: str) -> bool:
    """Whether a column of texts is declared to hold nothing personal."""
    return (
        column in WORDS or column.endswith(ENDINGS) or column in OF_TABLES.get(table, frozenset())
    )
