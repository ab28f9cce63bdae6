"""What can be done with the seals of the log."""
