"""Keeping the books: what a command did in the shop is posted in its own transaction.

So there is never an event without its entry nor an entry without its event, whatever dies when; and
a dry run, which keeps nothing, posts nothing. Until the books are opened nothing is posted, which
costs one statement where money or goods moved and none elsewhere.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from backoffice_api.domain.bookkeeping import queries
from backoffice_api.domain.bookkeeping.commands.documents import keep_purchases
from backoffice_api.domain.bookkeeping.commands.happened import Happened, happened
from backoffice_api.domain.bookkeeping.commands.journal import Cause, Journal, parted
from backoffice_api.domain.bookkeeping.commands.labels import keep_labels, keep_return_labels
from backoffice_api.domain.bookkeeping.commands.returns import (
    keep_claims,
    keep_promises,
    keep_restocked,
    keep_reversals,
)
from backoffice_api.domain.bookkeeping.model import billing, goods, money
from backoffice_api.domain.bookkeeping.model.postings import OrderBook, ShopPosting
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentShipped
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.payments.model.refunds import Refund
from backoffice_api.domain.payments.model.transactions import MoneyMoved, TransactionKind
from backoffice_api.domain.payments.queries import refunds_by_ids
from backoffice_api.domain.stock.model.costs import CostKind, ValueChanged
from backoffice_api.domain.stock.model.movements import MovementKind


def keep_books(uow: UnitOfWork) -> None:
    """Post what a command has come to, at its end. A constant number of statements."""
    found = happened(uow)
    if found.is_nothing or (opened_on := queries.opened_on(uow.db)) is None:
        return
    journal = Journal(uow)
    left = keep_orders(uow, journal, found, opened_on)
    left = keep_purchases(uow, journal, found, left)
    keep_labels(uow, journal, found)
    keep_return_labels(uow, journal, found)
    keep_claims(uow, journal, found)
    for entry in found.credits:
        cause = Cause(f"store_credit:{entry.id.hex}", "Store credit was adjusted.")
        journal.add(cause, money.credited(entry))
    _keep_values(uow, journal, left)
    journal.write()


def keep_orders(
    uow: UnitOfWork, journal: Journal, found: Happened, opened_on: date
) -> Sequence[ValueChanged]:
    """Post what happened to orders. The changes of value that are left."""
    ids = found.order_ids
    books = queries.books_of(uow.db, ids) if ids else {}
    keep_promises(uow, journal, found, books)
    keep_reversals(uow, journal, found, books)
    wanted = {each.transaction.refund_id for each in found.money} - {None}
    refunds = refunds_by_ids(uow.db, [id for id in wanted if id]) if wanted else {}
    for told in found.money:
        # As the bank has it, which may have told us later; the books know of no day before theirs.
        moved_on = told.transaction.occurred_at.date()
        day = min(max(moved_on, opened_on), uow.now.date())
        _keep_money(journal, books[told.transaction.order_id], told, refunds, day)
    left = _keep_shipments(uow, journal, found, books)
    left = keep_restocked(journal, found, books, left)
    for id, version in found.changed.items():
        book = books[id]
        if id in found.closed or any(book.billed.values()):
            cause = Cause(
                f"billing:{id.hex}:{version}", f"Order {book.of.name} was changed.", ("ord", id)
            )
            journal.add(cause, _billed(book), id)
    return left


def _keep_money(
    journal: Journal, book: OrderBook, told: MoneyMoved, refunds: Mapping[UUID, Refund], day: date
) -> None:
    moved, order = told.transaction, book.of
    account = money.held_in(told.method, moved.provider)
    match moved.kind:
        case TransactionKind.CAPTURE:
            text = f"Order {order.name} was paid."
            journal.add(*_taken_over(book))
            made = money.captured(book, moved.amount, account)
        case TransactionKind.REVERSAL:
            text = f"Order {order.name} was not paid after all."
            made = money.taken_back(book, moved.amount, account)
        case TransactionKind.CHARGEBACK:
            text = f"A bank took back a payment of order {order.name}."
            made = money.charged_back(book, moved.amount, account)
        case _:
            assert moved.refund_id is not None  # a constraint of the table
            refund = refunds[moved.refund_id]
            text = f"Refund {refund.number} was paid."
            account = money.refund_account(told.method, moved.provider, refund.destination)
            made = money.refunded(book, money.PaidBack(moved.amount, refund.reason, account))
    cause = Cause(f"payment_transaction:{moved.id.hex}", text, ("ord", order.id), day)
    journal.add(cause, book.take(made), order.id)


def _taken_over(book: OrderBook) -> tuple[Cause, Sequence[ShopPosting], UUID]:
    """What an order of another system had left to be paid, before the first of it is paid here."""
    order = book.of
    cause = Cause(f"opening:{order.id.hex}", f"Order {order.name}, taken over.", ("ord", order.id))
    if not order.is_recorded or any(book.billed.values()):
        return cause, (), order.id
    return cause, book.take(billing.billed(book, opening=AccountRole.OPENING)), order.id


def _keep_shipments(
    uow: UnitOfWork, journal: Journal, found: Happened, books: Mapping[UUID, OrderBook]
) -> Sequence[ValueChanged]:
    """What left is earned, at its cost."""
    left: Sequence[ValueChanged] = found.values
    if not found.shipped:
        return left
    pieces = queries.pieces_of(uow.db, [each.id for each in found.shipped])
    for event in found.shipped:
        book = books[event.order_id]
        inside = pieces.get(event.id, {})
        leaving, left = parted(left, lambda each: _is_of(event, inside, each))  # noqa: B023
        cost = book.take(goods.sold(book, inside, leaving))
        cause = Cause(
            f"shipment:{event.id.hex}",
            f"{event.fulfillment} of order {event.order} was shipped.",
            ("ord", event.order_id),
        )
        journal.add(cause, [*_billed(book), *cost], event.order_id)
    return left


def _is_of(
    event: FulfillmentShipped, pieces: Mapping[tuple[UUID, UUID], int], change: ValueChanged
) -> bool:
    return (
        change.kind is CostKind.EXIT
        and change.movement is MovementKind.SHIPMENT
        and change.cause_id == event.order_id
        and any(variant_id == change.variant_id for _, variant_id in pieces)
    )


def _billed(book: OrderBook) -> Sequence[ShopPosting]:
    return [*book.take(billing.billed(book)), *book.take(billing.settled(book))]


def _keep_values(uow: UnitOfWork, journal: Journal, changes: Sequence[ValueChanged]) -> None:
    """What changed the value of stock, and belongs to no document of its own."""
    if not changes:
        return
    named = next((each.movement_id for each in changes if each.movement_id), uow.new_id())
    products = queries.products_of(uow.db, {each.variant_id for each in changes})
    cause = Cause(f"stock:{named.hex}", "The value of stock changed.")
    journal.add(cause, goods.valued(changes, products))
