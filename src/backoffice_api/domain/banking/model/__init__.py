"""Words and rules of bank accounts, statements and reconciliation."""
