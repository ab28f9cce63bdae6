"""Words and rules of what is owed to the shop."""
