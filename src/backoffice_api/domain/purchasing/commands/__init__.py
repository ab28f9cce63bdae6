"""What can be done in purchasing."""
