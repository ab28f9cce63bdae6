"""Shipping: what carriers ask for parcels, labels, and how parcels are handed over."""
