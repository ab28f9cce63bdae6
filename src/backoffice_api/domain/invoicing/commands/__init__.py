"""What can be done with invoices and documents."""
