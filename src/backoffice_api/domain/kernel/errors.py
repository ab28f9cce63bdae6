"""The ways a command can be refused. Anything else that is raised is a bug.

A refusal is a dataclass: its fields are the data a program acts on, `message` says them in words.
Its code follows from the name of the class (`InsufficientStock` -> `INSUFFICIENT_STOCK`), so that
clients can rely on it. Refusals stand in the `model` of their context, beside the rule.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Self

Path = tuple[str | int, ...]


class DomainError(Exception):
    """A refusal that the caller can understand and act on. Nothing was changed."""

    code: ClassVar[str]
    message: ClassVar[str]
    path: Path = ()

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).upper()

    def __str__(self) -> str:
        facts = {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]
        return self.message.format(**facts)

    def at(self, *path: str | int) -> Self:
        """The same refusal, pointing at the part of the input that is at fault.

        Names are those of the command's fields, numbers positions in its lists.
        """
        self.path = path
        return self

    def reasons(self) -> Sequence["DomainError"]:
        """The refusals to show: this one, or those that it gathers."""
        return (self,)


class Invalid(DomainError):
    """The request is wrong in itself: asking again will not help."""


class Missing(DomainError):
    """The request points at something that is not there."""


class Refused(DomainError):
    """The request is well formed, and the present state of things forbids it."""


class Denied(DomainError):
    """The caller may not ask this."""


@dataclass(eq=False)
class NotAllowed(Denied):
    """The caller lacks the scope that this needs."""

    scope: str
    message = "This needs the scope {scope}."


@dataclass(eq=False)
class StaleVersion(Refused):
    """Somebody else changed the record since it was read. Read it again and decide anew."""

    expected: int
    actual: int
    message = "The record is at version {actual}, not {expected}: somebody else changed it."


@dataclass(eq=False)
class SeveralFaults(DomainError):
    """More than one thing is wrong with one input; all of them are reported together."""

    faults: tuple[DomainError, ...]
    message = "The input has several faults."

    def reasons(self) -> Sequence[DomainError]:
        return self.faults


class Faults:
    """Gathers the faults of one input, so that they are reported together.

    Add what is found while looking at each part, then `check()` once before anything is written.
    """

    def __init__(self) -> None:
        self._found: list[DomainError] = []

    def add(self, fault: DomainError) -> None:
        self._found.append(fault)

    def extend(self, faults: Iterable[DomainError]) -> None:
        self._found.extend(faults)

    def __iter__(self) -> Iterator[DomainError]:
        return iter(self._found)

    def check(self) -> None:
        """Raise what was gathered: the fault itself if it is one, `SeveralFaults` if more."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise SeveralFaults(tuple(self._found))
