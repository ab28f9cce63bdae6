"""Words and rules of saved views, of runs and of comments, by thing."""
