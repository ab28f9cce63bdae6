"""What can be done with the books."""
