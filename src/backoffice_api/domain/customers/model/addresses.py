"""How addresses are written down: one way for one place, whoever typed it.

Nothing is looked up and nothing refused: only what cannot change the place is made alike. Texts
are composed (Unicode NFC) with single spaces, and empty ones are none; regions of two letters stand
in capitals; postal codes as their country's post writes them. What was checked stays as short as
it was: where one of these would make a text longer, it stands as it was typed.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from backoffice_api.domain.customers.model import AddressDraft

A = TypeVar("A", bound=AddressDraft)

# By country: what the letters and digits of a code are, in groups, and what stands between these.
_CODES: Mapping[str, tuple[re.Pattern[str], str]] = {
    country: (re.compile(groups), between)
    for country, groups, between in (
        ("BR", r"(\d{5})(\d{3})", "-"),
        ("CA", r"([A-Z]\d[A-Z])(\d[A-Z]\d)", " "),
        ("CZ", r"(\d{3})(\d{2})", " "),
        ("GB", r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})", " "),
        ("GR", r"(\d{3})(\d{2})", " "),
        ("IE", r"([A-Z]\d[\dW])([A-Z\d]{4})", " "),
        ("JP", r"(\d{3})(\d{4})", "-"),
        ("NL", r"(\d{4})([A-Z]{2})", " "),
        ("PL", r"(\d{2})(\d{3})", "-"),
        ("PT", r"(\d{4})(\d{3})", "-"),
        ("SE", r"(\d{3})(\d{2})", " "),
        ("SK", r"(\d{3})(\d{2})", " "),
        ("US", r"(\d{5})(\d{4})", "-"),
    )
}
_BETWEEN = re.compile(r"[\s-]+")


def normalised_address(given: A) -> A:
    """The address as it is written down here."""
    region = _text(given.region)
    return replace(
        given,
        label=_text(given.label),
        recipient=_text(given.recipient),
        lines=tuple(_text(each) or each for each in given.lines),
        district=_text(given.district),
        city=_text(given.city) or given.city,
        region=region.upper() if region and len(region) == 2 else region,
        postal_code=_postal_code(given.country, given.postal_code),
    )


def _text(given: str | None) -> str | None:
    if given is None:
        return None
    composed = unicodedata.normalize("NFC", given)
    return " ".join(min(composed, given, key=len).split()) or None


def _postal_code(country: str, given: str | None) -> str | None:
    """The code as the post of the country writes it; as it was typed, if it is no such code."""
    text = _text(given)
    if text is None:
        return None
    capitals = min(text.upper(), text, key=len)
    if country not in _CODES:
        return capitals
    pattern, between = _CODES[country]
    found = pattern.fullmatch(_BETWEEN.sub("", capitals))
    return between.join(found.groups()) if found else capitals
