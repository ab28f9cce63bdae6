"""Privacy: what is kept of persons, what they may ask for, and what goes."""
