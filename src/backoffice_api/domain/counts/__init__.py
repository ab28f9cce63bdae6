"""Counts: what is on the shelf, compared with what the books say."""
