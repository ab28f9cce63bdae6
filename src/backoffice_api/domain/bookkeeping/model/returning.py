"""Returns: what is posted when money is promised for goods, and when goods come back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.bookkeeping.model.goods import sold
from backoffice_api.domain.bookkeeping.model.money import earned_by_lines
from backoffice_api.domain.bookkeeping.model.postings import (
    LinePart,
    OrderBook,
    ShopPosting,
    moved,
    spread,
)
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import NO_DIMENSIONS, Dimensions
from backoffice_api.domain.returns.model.refunds import ReturnRefundKind
from backoffice_api.domain.stock.model.costs import ValueChanged


@dataclass(frozen=True, slots=True)
class PromisedLine:
    """What is given back for pieces, in minor units; `tax` is part of the others if included.

    `order_line_id` None: nobody knows of which order they are. `fee`: what is kept of it.
    """

    order_line_id: UUID | None
    items: int
    tax: int
    shipping: int
    fee: int


def promised(
    book: OrderBook | None,
    lines: Sequence[PromisedLine],
    *,
    currency: str,
    tax_included: bool,
    owed_in: AccountRole,
) -> Iterator[ShopPosting]:
    """Money is promised for goods that come back: it lessens what was earned, and the tax.

    `owed_in`: refunds due, or store credit where it was given at once. `book` None: of no order.
    """
    known: Mapping[UUID, Dimensions] = (
        {line.id: line.dimensions for line in book.of.lines} if book else {}
    )
    for each in lines:
        id = each.order_line_id
        of = known.get(id, NO_DIMENSIONS) if id else NO_DIMENSIONS
        about = (id, LinePart.ALLOWANCE) if id in known and id else None
        net = each.items + each.shipping - (each.tax if tax_included else 0)
        for debit, credit, minor in (
            (AccountRole.RETURNS, owed_in, net),
            (AccountRole.OUTPUT_TAX, owed_in, each.tax),
            (owed_in, AccountRole.FEES_INCOME, each.fee),
        ):
            yield from moved(debit, credit, Money(minor, currency), of, about)


def offset(book: OrderBook, kind: ReturnRefundKind, minor: int) -> Iterator[ShopPosting]:
    """So much of what is given back is not paid out: the customer owes less of the order instead.

    For pieces it was promised already; of an exchange it lessens what was earned.
    """
    amount = book.of.money(minor)
    match kind:
        case ReturnRefundKind.UNITS:
            yield from moved(
                AccountRole.REFUNDS_DUE, AccountRole.RECEIVABLES, amount, book.of.dimensions
            )
        case ReturnRefundKind.GOODWILL:
            yield from _spread(book, AccountRole.GOODWILL, LinePart.GOODWILL, amount)
        case ReturnRefundKind.EXCHANGE:
            yield from _spread(book, AccountRole.RETURNS, LinePart.ALLOWANCE, amount)


def _spread(
    book: OrderBook, debit: AccountRole, part: LinePart, amount: Money
) -> Iterator[ShopPosting]:
    yield from spread(debit, AccountRole.RECEIVABLES, amount, part, book.of, earned_by_lines(book))


def restocked(
    book: OrderBook, pieces: Sequence[UUID], changes: Sequence[ValueChanged]
) -> Iterator[ShopPosting]:
    """Goods come back at the cost at which they left. `pieces`: of which variants."""
    lines = {
        (line.id, line.variant_id): line.shipped
        for line in book.of.lines
        if line.variant_id in pieces and line.variant_id and line.shipped
    }
    yield from sold(book, lines, changes)
