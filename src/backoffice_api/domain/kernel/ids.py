"""Ids: UUIDv7, shown to the world as `prefix_` and 32 hexadecimal digits.

The prefix says what kind of thing it is, the digits sort by the time of making. Ids are made by
the domain, never by the database (ADR 0003).
"""

import re
import secrets
import threading
import time
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid

_SHAPE = re.compile(r"([a-z]{3,4})_([0-9a-f]{32})")


@dataclass(eq=False)
class MalformedId(Invalid):
    """An id has the wrong shape, or is of another kind of thing than is asked for here."""

    wanted: str
    message = "This is no id of the form {wanted}_ and 32 hexadecimal digits."


class IdSource:
    """Makes UUIDv7 (RFC 9562, 5.7): strictly increasing within the process.

    48 bits of milliseconds, 12 + 14 bits that count within one millisecond (RFC 9562, 6.2,
    method 1), 48 random bits. Safe from several threads.
    """

    _COUNTER_BITS = 26

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> UUID:
        with self._lock:
            tick = time.time_ns() // 1_000_000 << self._COUNTER_BITS
            self._last = max(self._last + 1, tick)
            stamp = self._last
        milliseconds, counter = divmod(stamp, 1 << self._COUNTER_BITS)
        high = milliseconds << 16 | 0x7000 | counter >> 14
        low = 0b10 << 62 | (counter & 0x3FFF) << 48 | secrets.randbits(48)
        return UUID(int=high << 64 | low)


def text(prefix: str, id: UUID) -> str:
    """How the world sees `id`: `ord_0190…`."""
    return f"{prefix}_{id.hex}"


def split(text: str) -> tuple[str, UUID] | None:
    """Prefix and id of any public id. None: it has not the shape of one."""
    match = _SHAPE.fullmatch(text)
    return (match[1], UUID(match[2])) if match else None


def parse(prefix: str, text: str) -> UUID:
    """The id of a thing of the kind `prefix`.

    Raises:
        MalformedId: wrong shape, or a thing of another kind.
    """
    if not (match := _SHAPE.fullmatch(text)) or match[1] != prefix:
        raise MalformedId(prefix)
    return UUID(match[2])
