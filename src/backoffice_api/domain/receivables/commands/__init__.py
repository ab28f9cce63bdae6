"""What can be done with what is owed to the shop."""
