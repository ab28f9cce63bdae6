"""Backups of the database and the files, made while the shop goes on, and proved by restoring."""
