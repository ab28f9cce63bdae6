"""Payables: bills of suppliers, and how they are paid."""
