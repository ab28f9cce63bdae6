"""The rules of posting: one place for each thing that happens, facts in, postings out."""
