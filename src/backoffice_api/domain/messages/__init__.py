"""Messages: what customers are told, and when."""
