"""Opening the books: what is there counts as it is, and what happens from now on is posted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, text

from backoffice_api.domain.bookkeeping import queries
from backoffice_api.domain.bookkeeping.commands.journal import Cause, Journal
from backoffice_api.domain.bookkeeping.model.opening import (
    BooksAreOpen,
    BooksOpened,
    BooksOpening,
    OpensLater,
    opened,
)
from backoffice_api.domain.bookkeeping.model.postings import ShopPosting, moved
from backoffice_api.domain.bookkeeping.tables import openings
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.orders.model.orders import SENT, OrderStatus
from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.payments.tables import store_credits

# Orders whose books are read together.
_ORDERS_AT_ONCE = 1_000
# Whoever changes what is counted waits, and posts when he goes on.
_HOLD = text(
    "LOCK TABLE orders, store_credits, stock_costs, stock_cost_entries, payment_transactions "
    "IN SHARE MODE"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBooks(Command):
    """`on`: the day on which what there is now is booked. None: today."""

    scope = Scope.LEDGER_CLOSE
    on: date | None = None


def open_books(uow: UnitOfWork, command: OpenBooks) -> UUID:
    """Open the books of the shop: post what stock is worth, what customers owe and have paid ahead.

    Everything that changes stock or money waits meanwhile. Id of the opening.

    Raises:
        BooksAreOpen: they were opened before.
        OpensLater: the day is to come.
    """
    today = uow.now.date()
    if command.on is not None and command.on > today:
        raise OpensLater(today).at("on")
    if uow.db.dialect.name == "postgresql":
        uow.db.execute(_HOLD)
    if (before := queries.opened_on(uow.db)) is not None:
        raise BooksAreOpen(before)
    made = BooksOpening(uow.new_id(), uow.now, command.on or today)
    add(uow, openings, [made], only=[1])
    journal = Journal(uow, made.booked_on)
    cause = Cause("opening:stock", "Stock when the books were opened.")
    journal.add(cause, _sums(uow, queries.STOCK_VALUES, AccountRole.INVENTORY))
    cause = Cause("opening:store_credit", "Store credit when the books were opened.")
    journal.add(cause, _sums(uow, _CREDITS, AccountRole.STORE_CREDIT))
    journal.write()
    _open_orders(uow, made.booked_on)
    uow.emit(BooksOpened(made.id, 1, made.booked_on), after=made)
    return made.id


_CREDITS = select(store_credits.c.currency, -func.sum(store_credits.c.balance_minor)).group_by(
    store_credits.c.currency
)


def _sums(uow: UnitOfWork, statement: Select[Any], account: AccountRole) -> Iterator[ShopPosting]:
    """What an account lacks to what it should have: one posting per currency."""
    kept = queries.kept_in(account)
    present = select(kept.c.currency, func.sum(kept.c.minor)).group_by(kept.c.currency)
    lacking = Counter({currency: int(minor) for currency, minor in uow.db.execute(statement)})
    lacking.subtract({currency: int(minor) for currency, minor in uow.db.execute(present)})
    for currency, minor in sorted(lacking.items()):
        yield from moved(account, AccountRole.OPENING, Money(minor, currency))


def _open_orders(uow: UnitOfWork, day: date) -> None:
    """One entry for each order that something is owed or held of, or that has left in part."""
    of = orders.c
    kept = of.captured_minor - of.refunded_minor
    goes_on = of.status.in_((OrderStatus.OPEN, OrderStatus.PENDING_APPROVAL))
    has_left = of.fulfillment_status.in_(SENT)
    wanted = (
        select(of.id, of.captured_minor, of.refunded_minor)
        .where(
            of.number.is_not(None),
            of.payment_status != PaymentStatus.NOT_TRACKED,
            or_(and_(goes_on, or_(kept != 0, has_left)), kept != of.current_total_minor),
            or_(kept != 0, has_left),
        )
        .order_by(of.id)
    )
    rows = uow.db.execute(wanted).all()
    for start in range(0, len(rows), _ORDERS_AT_ONCE):
        _open_some(
            uow, day, [(id, paid, back) for id, paid, back in rows[start : start + _ORDERS_AT_ONCE]]
        )


def _open_some(uow: UnitOfWork, day: date, rows: Sequence[tuple[UUID, int, int]]) -> None:
    books = queries.books_of(uow.db, [id for id, _, _ in rows])
    journal = Journal(uow, day)
    for id, captured_minor, refunded_minor in rows:
        book = books[id]
        text = f"Order {book.of.name} when the books were opened."
        cause = Cause(f"opening:{id.hex}", text, ("ord", id))
        journal.add(cause, opened(book, captured_minor, refunded_minor), id)
    journal.write()
