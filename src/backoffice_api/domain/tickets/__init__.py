"""Tickets: what customers ask and tell, who answers, and by when."""
