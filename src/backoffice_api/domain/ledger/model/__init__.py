"""Words and rules of the books."""
