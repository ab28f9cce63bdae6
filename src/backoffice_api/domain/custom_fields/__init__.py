"""Custom fields: what a shop wants to know of its records beyond what they have by themselves."""
