"""Where bills, what they are matched by and what settles them lie."""
