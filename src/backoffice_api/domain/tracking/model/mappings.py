"""How the words of a carrier or an aggregator become ours.

A vocabulary (`source`) has a table of codes. The built-in ones are files beside this package, one
line per code; a shop adds rows of its own, which come first. A code may have two parts, as
`in_transit/damaged`; a line `in_transit/*` stands for all that have no line of their own.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.tracking.model.states import (
    ResponsibleParty,
    TrackingCause,
    TrackingState,
)

SOURCE_LENGTH_MAX = 40
CODE_LENGTH_MAX = 120
MANUAL = "manual"

# Raised whenever a line of the files changes; kept with each reading.
BUILT_IN_VERSION = "built-in 1"
BUILT_IN = ("correios", "easypost", "melhor_envio", "shippo")

_FOLDER = Path(__file__).parent.parent / "mappings"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says. `state` None: nothing of where the parcel is. `version`: of the table."""

    state: TrackingState | None
    cause: TrackingCause | None
    party: ResponsibleParty | None
    version: str


@dataclass(frozen=True, slots=True)
class TrackingMapping:
    """What a code of a source means in this shop."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    source: str
    code: str
    state: TrackingState | None
    cause: TrackingCause | None
    party: ResponsibleParty | None

    @property
    def meaning(self) -> Meaning:
        return Meaning(self.state, self.cause, self.party, f"shop {self.version}")


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A code that nobody has said the meaning of, with an example of its text."""

    source: str
    code: str
    text: str
    events: int
    last_at: datetime


class TrackingMappingSortKey(Choice):
    """By what a list of mappings is sorted."""

    CREATED_AT = "created_at", "When the row was made."


@dataclass(frozen=True, slots=True)
class TrackingMappingSet(Event):
    type = "tracking_mapping.set"
    subject = "trm"
    summary = "The code {code} of {source} was given a meaning."
    id: UUID
    version: int
    source: str
    code: str


@dataclass(frozen=True, slots=True)
class TrackingMappingRemoved(Event):
    type = "tracking_mapping.removed"
    subject = "trm"
    summary = "The code {code} of {source} means again what is built in, if anything."
    id: UUID
    version: int
    source: str
    code: str


@dataclass(eq=False)
class UnknownTrackingMapping(Missing):
    """There is no mapping with this id."""

    id: UUID
    message = "There is no such mapping."


@dataclass(eq=False)
class ManualCodesAreFixed(Refused):
    """Notes of the shop's own people say what they mean; their words cannot be mapped anew."""

    message = "The codes of notes have a fixed meaning."


def code_of(*parts: str | None) -> str:
    """The code that is made of what a carrier tells, as `BDE/1`; bounded."""
    return "/".join((part or "").strip() or "-" for part in parts)[:CODE_LENGTH_MAX]


def candidates(code: str) -> tuple[str, ...]:
    """The codes under which the meaning of a code may stand, the first one first."""
    head, slash, _ = code.partition("/")
    return (code, f"{head}/*") if slash else (code,)


def meaning_of(source: str, code: str, own: Mapping[tuple[str, str], Meaning]) -> Meaning | None:
    """What a code means: by the shop's own rows, else by the built-in ones. None: nobody knows."""
    for table in (own, built_in(source)):
        for each in candidates(code):
            if found := table.get((source, each)):
                return found
    return None


@cache
def built_in(source: str) -> Mapping[tuple[str, str], Meaning]:
    """The built-in table of a source; empty if there is none."""
    if source not in BUILT_IN:
        return {}
    with (_FOLDER / f"{source}.csv").open(encoding="utf-8", newline="") as lines:
        return dict(_read(source, (line for line in lines if not line.startswith("#"))))


def _read(source: str, lines: Iterable[str]) -> Iterable[tuple[tuple[str, str], Meaning]]:
    for row in csv.DictReader(lines):
        yield (
            (source, row["code"]),
            Meaning(
                TrackingState(row["state"]) if row["state"] else None,
                TrackingCause(row["cause"]) if row["cause"] else None,
                ResponsibleParty(row["party"]) if row["party"] else None,
                BUILT_IN_VERSION,
            ),
        )
