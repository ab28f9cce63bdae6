"""Slotting: where goods are put away, and how the places that are picked from are filled."""
