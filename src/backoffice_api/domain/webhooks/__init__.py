"""Webhooks: what partners are told of what happens, and proof that they were."""
