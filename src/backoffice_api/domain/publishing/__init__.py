"""Publishing: in which channels products are shown, from when to when, and what they lack."""
