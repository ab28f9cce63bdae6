"""Slugs: names that stand in web addresses."""

import re
from dataclasses import dataclass

from backoffice_api.domain.kernel.errors import Faults, Invalid, Refused

SLUG_LENGTH_MAX = 120
_WORDS = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(eq=False)
class InvalidSlug(Invalid):
    """A slug is small letters and digits, in words that are joined by hyphens."""

    message = "A slug is written like winter-shoes, with at most 120 characters."


@dataclass(eq=False)
class SlugTaken(Refused):
    """Another one has this slug."""

    slug: str
    message = "Another one has the slug {slug!r:.130}."


def check_slug(slug: str, faults: Faults) -> None:
    if len(slug) > SLUG_LENGTH_MAX or not _WORDS.fullmatch(slug):
        faults.add(InvalidSlug().at("slug"))
