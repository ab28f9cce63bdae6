"""What an import of tickets came to."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

from backoffice_api.domain.integrations.model import ImportRun
from backoffice_api.domain.tickets.model.history import RecordedTicket


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCounts:
    """Rows by how they ended, then what was made of those that were imported.

    `missed` and `reopened` count tickets, by what was said of each last; `with_gaps` those of
    which revisions are missing. `unknown_states` and `out_of_order` count rows, `left_closed` how
    often one was opened again after it had been closed. Counts of two parts are summed by `+`.
    """

    rows_read: int = 0
    rows_imported: int = 0
    rows_merged: int = 0
    rows_deferred: int = 0
    rows_rejected: int = 0
    tickets_imported: int = 0
    tickets_merged: int = 0
    tickets_rejected: int = 0
    customers: int = 0
    teams: int = 0
    moves: int = 0
    assignments: int = 0
    missed: int = 0
    reopened: int = 0
    with_gaps: int = 0
    left_closed: int = 0
    unknown_states: int = 0
    out_of_order: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            **{
                each.name: getattr(self, each.name) + getattr(other, each.name)
                for each in fields(self)
            }
        )

    @property
    def closes(self) -> bool:
        """Whether every row that was read is accounted for."""
        ended = self.rows_imported + self.rows_merged + self.rows_deferred + self.rows_rejected
        return self.rows_read == ended


def ticket_counts(run: ImportRun) -> TicketCounts:
    """The counts of an import of tickets."""
    return TicketCounts(**run.counts)


def counts_of_tickets(tickets: Iterable[RecordedTicket]) -> TicketCounts:
    """What tickets come to that are new, as far as they tell themselves."""
    total = TicketCounts()
    for each in tickets:
        total += TicketCounts(
            rows_imported=len(each.entries),
            tickets_imported=1,
            moves=len(each.moves()),
            assignments=sum(1 for _ in each.phases()),
            missed=each.last.is_missed,
            reopened=each.last.reopened > 0,
            with_gaps=each.has_gaps,
            left_closed=each.left_closed(),
            unknown_states=each.unknown_states,
            out_of_order=each.out_of_order,
        )
    return total
