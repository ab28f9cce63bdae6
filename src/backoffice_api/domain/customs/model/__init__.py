"""What customs and fiscal data are."""
