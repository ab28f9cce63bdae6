"""What is read for imports and exports."""
