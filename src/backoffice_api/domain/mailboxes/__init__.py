"""Mailboxes: what customers write to the shop, and what is written back, by tickets."""
