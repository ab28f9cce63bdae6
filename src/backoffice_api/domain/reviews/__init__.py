"""Reviews: whether an order may go on, asked of data, rules and people."""
