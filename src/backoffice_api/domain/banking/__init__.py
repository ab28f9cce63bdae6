"""Banking: accounts, statements, reconciliation, and the cash to come."""
