"""Words and rules of fulfillment, by thing."""
