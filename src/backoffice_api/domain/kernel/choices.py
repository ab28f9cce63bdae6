"""Closed sets of words, each word with its meaning: kinds, statuses, reasons."""

from enum import StrEnum
from typing import Self


class Choice(StrEnum):
    """One of a closed set of words. Members are written `NAME = "name", "What it means."`.

    The value is what the database keeps; the description is what the schema publishes.
    """

    description: str

    def __new__(cls, value: str, description: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member
