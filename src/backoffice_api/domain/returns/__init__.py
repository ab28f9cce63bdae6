"""Returns: what comes back from customers, and what they get for it."""
