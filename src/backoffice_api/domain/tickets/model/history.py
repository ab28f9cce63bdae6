"""Tickets of another system, as it recorded them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from backoffice_api.domain.tickets.model.words import TicketPriority, TicketSource, TicketStatus

RECORDED_MAX = 1_000
ENTRIES_MAX = 5_000

_DONE = (TicketStatus.RESOLVED, TicketStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """What the system said of a ticket once. `line`: where it stands in the source.

    `revision`: its own count of changes. `status` None: nobody knows what `state_code` means.
    `team`, `assignee`, `actor` None: it named none. `is_missed`: what it had promised was not kept
    by then. `reopened`: how often the ticket had been opened again.
    """

    line: int
    at: datetime
    revision: int
    state_code: str
    status: TicketStatus | None
    priority: TicketPriority
    team: str | None
    assignee: str | None
    actor: str | None
    reopened: int
    is_missed: bool


@dataclass(frozen=True, slots=True)
class RecordedTicket:
    """A ticket with all that was said of it, in the order of the source; at least one entry.

    `digest`: SHA-256 of what its rows say. `caller`: the key of its customer; None: it named none.
    `note`: what else the system knew of it.
    """

    number: str
    digest: str
    subject: str
    note: str
    source: TicketSource
    caller: str | None
    opened_at: datetime
    entries: tuple[RecordedEntry, ...]

    @property
    def line(self) -> int:
        """Where it begins in the source."""
        return self.entries[0].line

    @property
    def last(self) -> RecordedEntry:
        """What was said of it last: what counts for figures."""
        return self.entries[-1]

    @property
    def has_gaps(self) -> bool:
        """Whether the source lacks revisions of it."""
        return max(each.revision for each in self.entries) + 1 != len(self.entries)

    @property
    def unknown_states(self) -> int:
        return sum(each.status is None for each in self.entries)

    @property
    def out_of_order(self) -> int:
        """How many entries are said to be earlier than the one before."""
        return sum(before.at > after.at for before, after in pairwise(self.entries))

    def moves(self) -> Sequence[tuple[datetime, TicketStatus | None, TicketStatus]]:
        """When it came from which state to which; each behind the one before.

        It begins as new. States that nobody knows are passed over: it stays in the one before.
        """
        opened_at = min(self.opened_at, self.entries[0].at)
        found: list[tuple[datetime, TicketStatus | None, TicketStatus]] = [
            (opened_at, None, TicketStatus.NEW)
        ]
        for each in self.entries:
            at, _, status = found[-1]
            if each.status is not None and each.status is not status:
                found.append((max(at, each.at), status, each.status))
        return found

    def done_at(self, *states: TicketStatus) -> datetime | None:
        """When it came to one of these states for the last time. None: it was opened since."""
        found = None
        for at, _, status in self.moves():
            if status in states:
                found = at
            elif status not in _DONE:
                found = None
        return found

    def left_closed(self) -> int:
        """How often it was opened again after it had been closed."""
        return sum(each is TicketStatus.CLOSED for _, each, _ in self.moves())

    def phases(self) -> Iterator[str]:
        """The teams that had it, in their order."""
        last = None
        for each in self.entries:
            if each.team is not None and each.team != last:
                last = each.team
                yield each.team
