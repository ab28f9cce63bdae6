"""Replenishment: what has to be bought, where, and why."""
