"""Carriers as they are spoken with, and labels as they are printed."""
