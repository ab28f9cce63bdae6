"""Words and rules of tracking, by thing."""
