"""Measures the server as its users meet it: over HTTP, on both databases, with a shop in it."""
