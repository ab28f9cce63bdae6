"""What can be asked about privacy: where persons are, what is kept of them, and why."""
