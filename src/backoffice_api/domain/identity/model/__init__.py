"""Who works here and which programs ask: words and rules."""
