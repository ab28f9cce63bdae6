"""What can be done with custom fields."""
