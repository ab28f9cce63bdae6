"""Words and rules of payments."""
