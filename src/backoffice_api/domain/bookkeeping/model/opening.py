"""The opening of the books: from then on, what happens in the shop is posted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.bookkeeping.model.billing import billed
from backoffice_api.domain.bookkeeping.model.money import captured
from backoffice_api.domain.bookkeeping.model.postings import OrderBook, ShopPosting
from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.ledger.model.accounts import AccountRole


@dataclass(frozen=True, slots=True)
class BooksOpening:
    """What there was at `created_at` is booked on the day `booked_on`; there is one, or none."""

    id: UUID
    created_at: datetime
    booked_on: date


@dataclass(frozen=True, slots=True)
class BooksOpened(Event):
    type = "books.opened"
    subject = "bop"
    summary = "The books were opened: what there is counts as of {booked_on}."
    id: UUID
    version: int
    booked_on: date


@dataclass(eq=False)
class BooksAreOpen(Refused):
    """The books are opened once; what was there then was posted."""

    opened_on: date
    message = "The books were opened on {opened_on}."


@dataclass(eq=False)
class OpensLater(Invalid):
    """What there is now cannot count as of a day to come."""

    today: date
    message = "The books cannot open after today, {today}."


def opened(book: OrderBook, captured_minor: int, refunded_minor: int) -> Iterator[ShopPosting]:
    """What an order has left to be paid, or was paid ahead, when the books open.

    What has left the house counts as billed. What was paid back of it is forgiven: nobody can tell
    any more whether it was to be paid again.
    """
    of = AccountRole.OPENING
    yield from book.take(billed(book, opening=of))
    whole = sum(book.billed.values())
    paid = min(captured_minor, whole) + max(captured_minor - refunded_minor - whole, 0)
    yield from book.take(captured(book, book.of.money(paid), of))
