"""Fields of what carriers and aggregators send: whatever it holds, nothing worse than `Garbled`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.tracking.model.trackings import RAW_TEXT_LENGTH_MAX

ITEMS_MAX = 500
PLACE_LENGTH_MAX = 250


class Garbled(Exception):
    """What was sent is not what its sender documents."""


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """A text, cut to what is kept; empty if there is none."""
    value = fields.get(name)
    return storable(value[:RAW_TEXT_LENGTH_MAX]) if isinstance(value, str) else ""


def item(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object; empty if there is none."""
    value = fields.get(name)
    return value if isinstance(value, Mapping) else {}


def items(fields: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """A list of objects; empty if there is none.

    Raises:
        Garbled: it is too long.
    """
    value = fields.get(name)
    if not isinstance(value, list):
        return ()
    if len(value) > ITEMS_MAX:
        raise Garbled("too long")
    return [each for each in value if isinstance(each, Mapping)]


def place_of(place: Mapping[str, Any], *names: str) -> str | None:
    """The parts of a place that are known, in this order. None: none is."""
    known = filter(None, (text_of(place, name) for name in names))
    return ", ".join(known)[:PLACE_LENGTH_MAX] or None


def instant(text: str) -> datetime:
    """A moment in RFC 3339; in UTC where it does not say.

    Raises:
        Garbled: it is none.
    """
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as failure:
        raise Garbled("no time") from failure
