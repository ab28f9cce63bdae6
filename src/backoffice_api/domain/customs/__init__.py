"""Customs and taxes: what the authorities of a country must be told of a variant."""
