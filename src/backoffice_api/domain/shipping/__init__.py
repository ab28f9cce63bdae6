"""Shipping: carriers, rates, labels."""
