"""Partial changes: a field that is absent keeps its value, a field that is None clears it."""

from enum import Enum
from typing import Final, Literal, TypeVar

T = TypeVar("T")


class _Keep(Enum):
    # In the digest of a command it must be no text that a caller can give: none holds U+0000.
    KEEP = "\0keep"


# Stands in a command for "not named in the input: leave it as it is".
KEEP: Final = _Keep.KEEP
Keep = Literal[_Keep.KEEP]


def patched(given: T | Keep, present: T) -> T:
    """The value after the change: `given`, or `present` where nothing was given."""
    return present if given is KEEP else given
