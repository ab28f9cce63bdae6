"""Fulfillment: from what was promised to what leaves the house."""
