"""Returns in the books: money that is promised for goods, and goods that come back."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from backoffice_api.domain.bookkeeping import queries
from backoffice_api.domain.bookkeeping.commands.happened import Happened
from backoffice_api.domain.bookkeeping.commands.journal import Cause, Journal, parted
from backoffice_api.domain.bookkeeping.model.billing import settled
from backoffice_api.domain.bookkeeping.model.freight import compensated, granted
from backoffice_api.domain.bookkeeping.model.money import given
from backoffice_api.domain.bookkeeping.model.postings import OrderBook, ShopPosting, turned
from backoffice_api.domain.bookkeeping.model.returning import offset, promised, restocked
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.returns.model.events import ReturnRefundMade
from backoffice_api.domain.returns.model.refunds import ReturnRefundKind
from backoffice_api.domain.stock.model.costs import CostKind, ValueChanged

# What an entry is made for where a carrier grants a claim.
CLAIM_GRANT = "carrier_claim_grant"


def keep_promises(
    uow: UnitOfWork, journal: Journal, found: Happened, books: Mapping[UUID, OrderBook]
) -> None:
    """Post what is given back for returns; the refunds that pay it out are posted when they do."""
    if not found.promised:
        return
    lines = queries.promised_lines(uow.db, [each.return_refund_id for each in found.promised])
    for event in found.promised:
        book = books[event.order_id] if event.order_id else None
        at_once = event.store_credit_id is not None
        made: Sequence[ShopPosting] = ()
        if event.kind is ReturnRefundKind.UNITS:
            made = list(
                promised(
                    book,
                    lines.get(event.return_refund_id, ()),
                    currency=event.currency,
                    tax_included=event.tax_included,
                    owed_in=AccountRole.STORE_CREDIT if at_once else AccountRole.REFUNDS_DUE,
                )
            )
        elif at_once:
            made = list(given(Money(event.amount_minor, event.currency)))
        if book and event.offset_minor:
            taken = book.take([*made, *offset(book, event.kind, event.offset_minor)])
            # Who had paid ahead of other pieces is owed nothing: it stays ahead of them.
            made = [*taken, *book.take(settled(book))]
        elif book:
            made = book.take(made)
        cause = Cause(
            _source(event.return_refund_id),
            f"Money goes back for return {event.number}.",
            _subject(event),
        )
        journal.add(cause, made, event.order_id)


def keep_reversals(
    uow: UnitOfWork, journal: Journal, found: Happened, books: Mapping[UUID, OrderBook]
) -> None:
    """Post that what was promised for goods is not paid: it is earned, and taxed, as before."""
    if not found.unpromised:
        return
    lines = queries.unpromised_lines(uow.db, [each.reversal_id for each in found.unpromised])
    sources = [_source(each.return_refund_id) for each in found.unpromised]
    posted = queries.posted_as(uow.db, sources)
    for event, source in zip(found.unpromised, sources, strict=True):
        if source not in posted:
            # It was promised before the books were opened, or is of no pieces.
            continue
        book = books[event.order_id]
        made = promised(
            book,
            lines.get(event.reversal_id, ()),
            currency=event.currency,
            tax_included=event.tax_included,
            owed_in=AccountRole.REFUNDS_DUE,
        )
        cause = Cause(
            f"return_reversal:{event.reversal_id.hex}",
            f"Money of return {event.number} did not go back.",
            ("ord", event.order_id),
        )
        journal.add(cause, book.take(turned(each) for each in made), event.order_id)


def keep_restocked(
    journal: Journal,
    found: Happened,
    books: Mapping[UUID, OrderBook],
    values: Sequence[ValueChanged],
) -> Sequence[ValueChanged]:
    """Post what goods of orders are worth that came back. The changes of value that are left."""
    orders: dict[UUID, dict[UUID, UUID]] = {}
    for each in found.restocked:
        if each.order_id:
            orders.setdefault(each.order_id, {})[each.movement_id] = each.variant_id
    for order_id, movements in orders.items():
        came, values = parted(values, _entries_of(movements))
        if came:
            cause = Cause(
                f"restocked:{next(iter(movements)).hex}",
                f"Goods of order {books[order_id].of.name} came back.",
                ("ord", order_id),
            )
            journal.add(cause, restocked(books[order_id], [*movements.values()], came), order_id)
    return values


def keep_claims(uow: UnitOfWork, journal: Journal, found: Happened) -> None:
    """Post what carriers owe, and have paid, for goods that were lost or broken on their way."""
    for owed in found.granted:
        cause = Cause(
            f"{CLAIM_GRANT}:{owed.id.hex}",
            f"The carrier owes for claim {owed.number}.",
            ("clm", owed.id),
        )
        journal.add(cause, granted(Money(owed.granted_minor, owed.currency)))
    if not found.compensated:
        return
    sources = [f"{CLAIM_GRANT}:{event.id.hex}" for event in found.compensated]
    posted = queries.posted_as(uow.db, sources)
    for event, source in zip(found.compensated, sources, strict=True):
        cause = Cause(
            f"carrier_claim:{event.id.hex}",
            f"The carrier paid for claim {event.number}.",
            ("clm", event.id),
        )
        amount = Money(event.granted_minor, event.currency)
        # What was granted before the books were opened is not owed there.
        journal.add(cause, compensated(amount, was_owed=source in posted))


def _entries_of(movements: Mapping[UUID, UUID]) -> Callable[[ValueChanged], bool]:
    return lambda each: each.kind is CostKind.ENTRY and each.movement_id in movements


def _source(return_refund_id: UUID) -> str:
    return f"return_refund:{return_refund_id.hex}"


def _subject(event: ReturnRefundMade) -> tuple[str, UUID]:
    return ("ord", event.order_id) if event.order_id else ("ret", event.id)
