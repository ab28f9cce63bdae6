"""How entries of the shop are written: all of a command at once, with what they are about."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from backoffice_api.domain.bookkeeping.model.postings import ShopPosting
from backoffice_api.domain.bookkeeping.tables import line_postings
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.entries import POSTINGS_MAX, EntryDraft
from backoffice_api.domain.stock.model.costs import ValueChanged


@dataclass(frozen=True, slots=True)
class Cause:
    """What an entry is made for: see `EntryDraft`. `happened_on` None: on the journal's own day."""

    source: str
    description: str
    subject: tuple[str, UUID] | None = None
    happened_on: date | None = None


class Journal:
    """Entries that are to be posted on the day `booked_on`; None: today.

    `order_id` is that of the lines that postings are about.
    """

    def __init__(self, uow: UnitOfWork, booked_on: date | None = None) -> None:
        self._uow = uow
        self._day = booked_on or uow.now.date()
        self._drafts: list[EntryDraft] = []
        self._lines: list[tuple[UUID | None, Sequence[ShopPosting]]] = []

    def add(self, cause: Cause, made: Iterable[ShopPosting], order_id: UUID | None = None) -> None:
        """Add an entry; nothing without postings. One too long becomes several."""
        taken = list(made)
        for number, start in enumerate(range(0, len(taken), POSTINGS_MAX), start=1):
            part = taken[start : start + POSTINGS_MAX]
            self._lines.append((order_id, part))
            self._drafts.append(
                EntryDraft(
                    source=cause.source if number == 1 else f"{cause.source}:{number}",
                    booked_on=cause.happened_on or self._day,
                    description=cause.description,
                    postings=[each.draft for each in part],
                    subject=cause.subject,
                )
            )

    def write(self) -> None:
        """Post them all. A constant number of statements."""
        ids = post(self._uow, *self._drafts)
        rows = [
            _row(entry_id, position, order_id, each)
            for entry_id, (order_id, part) in zip(ids, self._lines, strict=True)
            for position, each in enumerate(part)
            if each.about and order_id
        ]
        insert_or_ignore(self._uow.db, line_postings, *rows)


def parted(
    values: Sequence[ValueChanged], belongs: Callable[[ValueChanged], bool]
) -> tuple[Sequence[ValueChanged], Sequence[ValueChanged]]:
    """Changes of value that belong to something, and all others; both in their order."""
    return [each for each in values if belongs(each)], [
        each for each in values if not belongs(each)
    ]


def _row(entry_id: UUID, position: int, order_id: UUID, made: ShopPosting) -> dict[str, Any]:
    line_id, part = made.about or (None, None)
    return {
        "entry_id": entry_id,
        "position": position,
        "order_id": order_id,
        "order_line_id": line_id,
        "part": part,
    }
