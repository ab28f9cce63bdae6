"""What can be done with feedback."""
