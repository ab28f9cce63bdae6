"""What media need of the outside: a place for files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is there: its size in bytes, and its content in pieces, to be read once."""

    byte_size: int
    content: Iterator[bytes]


class Storage(Protocol):
    """Keeps files under names of hexadecimal digits and an ending. Safe from several threads.

    Each method may raise OSError.
    """

    def keep(self, name: str, file: Path) -> None:
        """Keep a copy of `file`. Who keeps the same name again keeps the same content."""

    def open(self, name: str) -> Stored | None:
        """The file of this name. None: there is none."""

    def remove(self, name: str) -> None:
        """Forget the file of this name, if there is one."""
