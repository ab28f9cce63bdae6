"""Words and rules of what customers think: surveys, product reviews, scores."""
