"""Tickets: words and rules."""
