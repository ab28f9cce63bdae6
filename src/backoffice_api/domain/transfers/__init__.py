"""Transfers: pieces on their way from one location of the shop to another one."""
