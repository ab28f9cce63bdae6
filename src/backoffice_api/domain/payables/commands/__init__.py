"""What can be done with bills."""
