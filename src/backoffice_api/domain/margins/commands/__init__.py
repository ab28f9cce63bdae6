"""How margins are restated."""
