"""What can be done with products and their variants."""
