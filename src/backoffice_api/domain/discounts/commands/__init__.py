"""What is done with discount codes, and how orders use them."""
