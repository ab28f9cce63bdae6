"""What comes in from other systems: imports of their history, in runs that can be repeated."""
