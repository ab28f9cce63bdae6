"""What can be done with taxes."""
