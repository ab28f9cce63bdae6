"""What invoices, documents and their papers are."""
