"""What the catalogue is made of: categories, collections, and the rules of these."""
