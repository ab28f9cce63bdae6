-- What only revision 0004 could add to the shop of 0001: barcodes, a cost, and 5 pots ordered from a
-- supplier, of which 2 came broken and were refused. Frozen: what was stored then does not change.

INSERT INTO barcodes (key, variant_id, code, kind, pack_quantity) VALUES
('CUP-1', X'0195505d000070008000000000000008', 'CUP-1', 'other', 1),
('CUP-6', X'0195505d000070008000000000000008', 'CUP-6', 'other', 6);

INSERT INTO costs (variant_id, currency, cost_micro) VALUES
(X'0195505d000070008000000000000008', 'EUR', 2500000);

INSERT INTO suppliers (id, version, created_at, updated_at, code, name, status, currency, payment_days, incoterm, lead_time_days, minimum_order_minor, over_receipt, over_tolerance_percent, short_tolerance_percent, note) VALUES
(X'0195505d000070008000000000000050', 1, '2025-03-01 09:30:00.000000', '2025-03-01 09:30:00.000000', 'KILN', 'Kiln', 'active', 'EUR', 30, NULL, 7, NULL, 'refuse', 0, 0, '');

INSERT INTO supplier_bank_changes (id, version, created_at, updated_at, supplier_id, kind, account_id, holder, iban, bic, account_number, bank_code, status, proposed_by_kind, proposed_by_id, decided_by_kind, decided_by_id, decided_at) VALUES
(X'0195505d000070008000000000000051', 1, '2025-03-01 09:30:00.000000', '2025-03-01 09:30:00.000000', X'0195505d000070008000000000000050', 'add', NULL, 'Kiln', 'DE02120300000000202051', NULL, NULL, NULL, 'approved', 'staff', X'00000000000000000000000000000007', 'staff', X'00000000000000000000000000000008', '2025-03-01 09:30:00.000000');

INSERT INTO supplier_bank_accounts (id, supplier_id, change_id, holder, iban, bic, account_number, bank_code) VALUES
(X'0195505d000070008000000000000052', X'0195505d000070008000000000000050', X'0195505d000070008000000000000051', 'Kiln', 'DE02120300000000202051', NULL, NULL, NULL);

INSERT INTO purchase_approval_limits (id, version, created_at, updated_at, currency, limit_minor) VALUES
(X'0195505d000070008000000000000053', 1, '2025-03-01 09:30:00.000000', '2025-03-01 09:30:00.000000', 'EUR', 100000);

INSERT INTO purchasing_series (id, version, created_at, updated_at, kind, prefix, number_next, numbers_skipped) VALUES
(X'0195505d000070008000000000000054', 1, '2025-03-01 09:30:00.000000', '2025-03-01 09:30:00.000000', 'purchase_order', 'PO-', 2, 0),
(X'0195505d000070008000000000000055', 1, '2025-03-01 09:30:00.000000', '2025-03-01 09:30:00.000000', 'receipt', 'R-', 2, 0);

INSERT INTO purchase_orders (id, version, created_at, updated_at, number, serial, supplier_id, location_id, status, currency, note, supplier_reference, expected_on, created_by_kind, created_by_id, submitted_by_kind, submitted_by_id, approved_by_kind, approved_by_id, submitted_at, approved_at, sent_at, confirmed_at, closed_at, subtotal_minor, tax_minor, total_minor, current_subtotal_minor, current_tax_minor, current_total_minor) VALUES
(X'0195505d000070008000000000000056', 1, '2025-03-01 09:30:00.000000', '2025-03-01 09:30:00.000000', 'PO-1', 1, X'0195505d000070008000000000000050', X'0195505d000070008000000000000003', 'sent', 'EUR', '', NULL, NULL, 'staff', X'00000000000000000000000000000007', 'staff', X'00000000000000000000000000000007', 'staff', X'00000000000000000000000000000008', '2025-03-01 09:30:00.000000', '2025-03-01 09:30:00.000000', '2025-03-01 09:30:00.000000', NULL, NULL, 1000, 0, 1000, 1000, 0, 1000);

INSERT INTO purchase_order_lines (id, order_id, position, variant_id, supplier_item_id, supplier_sku, sku, title, quantity, confirmed, received, rejected, cancelled, returned, currency, unit_price_micro, subtotal_minor, tax_minor, current_subtotal_minor, current_tax_minor, lead_time_days, expected_on) VALUES
(X'0195505d000070008000000000000057', X'0195505d000070008000000000000056', 0, X'0195505d000070008000000000000018', NULL, 'K-POT', 'POT', 'Thing POT', 5, NULL, 0, 2, 0, 0, 'EUR', 2000000, 1000, 0, 1000, 0, 7, NULL);

INSERT INTO purchase_receipts (id, version, created_at, updated_at, number, serial, order_id, supplier_id, location_id, received_at, delivery_note, currency, goods_minor, charges_minor) VALUES
(X'0195505d000070008000000000000058', 1, '2025-03-01 09:30:00.000000', '2025-03-01 09:30:00.000000', 'R-1', 1, X'0195505d000070008000000000000056', X'0195505d000070008000000000000050', X'0195505d000070008000000000000003', '2025-03-01 09:30:00.000000', NULL, 'EUR', 0, 0);

INSERT INTO purchase_receipt_lines (id, receipt_id, order_line_id, variant_id, position, accepted, rejected, rejection, weight_g, currency, unit_price_micro, value_minor, charges_minor, unit_cost_micro) VALUES
(X'0195505d000070008000000000000059', X'0195505d000070008000000000000058', X'0195505d000070008000000000000057', X'0195505d000070008000000000000018', 0, 0, 2, 'Broken', NULL, 'EUR', 2000000, 0, 0, NULL);
