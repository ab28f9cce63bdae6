"""What can be done with rules of putting away and with pick faces."""
