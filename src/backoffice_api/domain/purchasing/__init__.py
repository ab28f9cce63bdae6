"""Purchasing: suppliers, what they sell, purchase orders, receipts and returns."""
