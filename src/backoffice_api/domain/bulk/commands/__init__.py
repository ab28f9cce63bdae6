"""What can be done with files, imports and exports."""
