"""Orders: what was sold, at which price, and where it stands between promise and delivery."""
