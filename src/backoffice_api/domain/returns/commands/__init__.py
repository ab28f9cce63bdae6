"""What can be done with returns."""
