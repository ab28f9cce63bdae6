"""Words and rules of returns."""
