"""Where suppliers, purchase orders, receipts and returns lie."""
