"""Verbs on the wire: the fields of Query and Mutation. Translate, call once, return."""
