"""What can be done with bank accounts, statements and their lines."""
