"""What can be done with customers and their addresses."""
