"""Pages by key: a page starts behind the last row of the one before, at any depth alike fast."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.filters import Filter

T = TypeVar("T")

SIZE_DEFAULT = 50
SIZE_MAX = 250
COUNT_DEFAULT = 1_000
COUNT_MAX = 10_000
_SIGNATURE_BYTES = 12


@dataclass(eq=False)
class InvalidCursor(Invalid):
    """A cursor was not made by this service, or belongs to another list or another order."""

    message = "This is not a cursor of this list."


@dataclass(eq=False)
class InvalidPage(Invalid):
    """`first`, `last`, `after` and `before` do not go together, or are out of bounds."""

    reason: str
    message = "{reason}"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a row stands in a sorted list: its sort value and its id."""

    sort: str
    value: str | int | datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of which list is wanted.

    `size` rows behind `start` (None: from the first row), walking backwards from it if
    `backwards`; the rows come in the order of the list either way.
    """

    size: int = SIZE_DEFAULT
    start: Position | None = None
    backwards: bool = False
    sort: Choice | None = None
    descending: bool | None = None
    filter: Filter | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in the order of the list, each with its position, and whether there are more."""

    rows: Sequence[T]
    positions: Sequence[Position]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are. If not `exact`, there are at least so many."""

    value: int
    exact: bool


class Cursors:
    """Seals positions so that a client can keep them, but not forge them.

    They can be read: a position holds nothing but what the row itself shows to its reader.

    `secret` must be the same for every process that serves the same database.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, position: Position) -> str:
        parts = (position.sort, position.value, position.id.hex)
        body = msgspec.json.encode(parts)
        return urlsafe_b64encode(self._signature(body) + body).rstrip(b"=").decode()

    def open(self, cursor: str, sort: str, kind: type[Any]) -> Position:
        """The position in a list sorted by `sort`, whose sort values are of the type `kind`.

        Raises:
            InvalidCursor: it is not ours, or of another list or another order.
        """
        try:
            sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except ValueError:
            raise InvalidCursor from None
        signature, body = sealed[:_SIGNATURE_BYTES], sealed[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(body)):
            raise InvalidCursor
        made_for, value, id = msgspec.json.decode(body)
        if made_for != sort:
            raise InvalidCursor
        return Position(sort, msgspec.convert(value, kind, strict=False), UUID(id))

    def _signature(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, body, sha256)[:_SIGNATURE_BYTES]


def bounds(first: int | None, last: int | None) -> int:
    """How many rows a page may hold.

    Raises:
        InvalidPage: both are given, or one is below 1 or above `SIZE_MAX`.
    """
    if first is not None and last is not None:
        raise InvalidPage("Give `first` or `last`, not both.")
    name, size = ("last", last) if last is not None else ("first", first)
    if size is None:
        return SIZE_DEFAULT
    if not 1 <= size <= SIZE_MAX:
        raise InvalidPage(f"`{name}` is between 1 and {SIZE_MAX}.").at(name)
    return size
