"""Receivables: what customers and providers owe, until it is in the bank."""
