"""Files that banks take orders to pay in, and files in which they answer."""
