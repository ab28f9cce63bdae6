"""Margins: what is left of a sale when everything it cost is taken off."""
