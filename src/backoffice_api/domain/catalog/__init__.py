"""The catalogue: in which categories and collections products are shown."""
