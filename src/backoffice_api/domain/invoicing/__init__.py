"""Invoicing: the documents that go with goods and money."""
