"""Tracking: where parcels are."""
