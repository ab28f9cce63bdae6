"""What is done in the warehouse."""
