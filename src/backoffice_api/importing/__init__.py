"""Histories from files, batch by batch."""
