"""What can be done with customs and fiscal data."""
