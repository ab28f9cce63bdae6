"""Taxes: which rate applies where, to what and to whom, and what it comes to."""
