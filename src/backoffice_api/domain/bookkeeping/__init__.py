"""What is posted to the ledger when something happens in the shop."""
