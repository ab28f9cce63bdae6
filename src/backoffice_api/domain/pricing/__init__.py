"""Price lists: which price of a variant applies, to whom, from when, and why."""
