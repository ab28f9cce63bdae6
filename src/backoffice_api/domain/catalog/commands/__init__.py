"""What can be done with the catalogue."""
