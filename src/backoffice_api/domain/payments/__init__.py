"""Payments: what customers pay, and what they get back."""
