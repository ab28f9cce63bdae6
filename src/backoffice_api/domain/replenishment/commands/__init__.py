"""What can be done in replenishment."""
