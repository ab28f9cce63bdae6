"""Views: saved filters, and one action on all that a filter finds."""
