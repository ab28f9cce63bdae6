"""Statements of banks: each format has a reader, a pure function from text to the same drafts."""
