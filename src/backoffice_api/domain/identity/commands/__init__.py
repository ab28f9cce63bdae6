"""What can be done with staff, sessions and API tokens."""
