"""What is sold: products, and the variants of them that are kept, priced and counted."""
