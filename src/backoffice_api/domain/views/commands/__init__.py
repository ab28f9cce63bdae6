"""What is done with saved views, runs and comments."""
