"""Imports are written here."""
