"""Words and rules of margins."""
