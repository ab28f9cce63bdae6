"""Where what is known of banks lies."""
