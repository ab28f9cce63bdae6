"""Discount codes: what a buyer enters to pay less, how often it may be, and by whom."""
