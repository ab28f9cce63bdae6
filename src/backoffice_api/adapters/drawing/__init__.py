"""Drawing documents: each kind in a process of its own, which may be stopped."""
