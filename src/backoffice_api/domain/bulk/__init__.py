"""Files in and out: many rows at once, by jobs that can be interrupted, repeated and retried."""
