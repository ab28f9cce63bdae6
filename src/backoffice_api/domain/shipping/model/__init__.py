"""Words and rules of shipping, by thing."""
