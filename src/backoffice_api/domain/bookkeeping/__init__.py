"""Bookkeeping: what is posted when something happens in the shop."""
