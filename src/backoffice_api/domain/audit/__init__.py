"""Proof that the log of events is as it was written: sealed in blocks, each chained to the last."""
