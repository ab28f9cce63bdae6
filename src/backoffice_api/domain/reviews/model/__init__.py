"""Reviews: words and rules."""
