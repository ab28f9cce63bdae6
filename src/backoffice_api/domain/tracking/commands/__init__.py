"""What is heard of parcels, and what is done about it."""
