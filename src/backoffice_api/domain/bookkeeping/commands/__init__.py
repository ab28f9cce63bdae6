"""How the books of the shop are opened and kept."""
