"""Words and rules of orders."""
