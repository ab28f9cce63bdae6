"""What can be done with devices and what they have scanned."""
