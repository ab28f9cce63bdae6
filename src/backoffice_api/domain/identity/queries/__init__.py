"""What can be asked about staff, sessions and API tokens."""
