"""Feedback: how customers judge orders, products and the help they got."""
