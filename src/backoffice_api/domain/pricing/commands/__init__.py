"""What can be done with price lists."""
