"""What can be done for the sake of privacy."""
