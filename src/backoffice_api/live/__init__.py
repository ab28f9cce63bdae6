"""Subscriptions: who follows the log and the like, whatever the way to the client."""
