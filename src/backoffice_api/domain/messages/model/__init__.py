"""Words and rules of messages, by thing."""
