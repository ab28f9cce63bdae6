"""Words and rules of privacy."""
