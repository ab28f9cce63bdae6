"""What is written to customers, and when."""
