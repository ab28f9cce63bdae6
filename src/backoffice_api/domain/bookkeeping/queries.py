"""What the books ask of the shop, and of themselves: a statement for any number of orders."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    Table,
    and_,
    case,
    func,
    or_,
    select,
    union_all,
)

from backoffice_api.domain.bookkeeping.model.opening import BooksOpening
from backoffice_api.domain.bookkeeping.model.postings import (
    BookedOrder,
    LinePart,
    OrderBook,
    OrderedLine,
    ShopPosting,
)
from backoffice_api.domain.bookkeeping.model.returning import PromisedLine
from backoffice_api.domain.bookkeeping.tables import line_postings, openings
from backoffice_api.domain.fulfillment.tables import fulfillment_lines, parcel_lines
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rounding import half_even, micro_per_minor
from backoffice_api.domain.kernel.rows import among, fetch, one_per, select_as
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import Dimensions, PostingDraft
from backoffice_api.domain.ledger.tables import accounts, entries, postings
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import OrderStatus
from backoffice_api.domain.orders.tables import order_lines, orders
from backoffice_api.domain.products.tables import variants
from backoffice_api.domain.purchasing.tables.orders import purchase_return_lines
from backoffice_api.domain.purchasing.tables.suppliers import supplier_items
from backoffice_api.domain.returns.tables import return_lines
from backoffice_api.domain.returns.tables.money import (
    return_refund_lines,
    return_refund_reversal_lines,
)
from backoffice_api.domain.stock.tables import costs

_line, _order, _posting = order_lines.c, orders.c, postings.c

_LINES = (
    select(
        _line.order_id,
        _line.id,
        _line.kind,
        _line.quantity - _line.cancelled,
        _line.shipped,
        _line.current_subtotal_minor,
        _line.current_discount_minor,
        _line.current_tax_minor,
        _line.variant_id,
        variants.c.product_id,
        variants.c.weight_g,
        supplier_items.c.supplier_id,
        _order.channel_id,
    )
    .join(orders, _order.id == _line.order_id)
    .outerjoin(variants, variants.c.id == _line.variant_id)
    .outerjoin(
        supplier_items,
        and_(
            supplier_items.c.variant_id == _line.variant_id, supplier_items.c.is_preferred.is_(True)
        ),
    )
    .order_by(_line.order_id, _line.position, _line.id)
)
_ORDERS = select(
    _order.id,
    _order.number,
    _order.currency,
    _order.tax_included,
    _order.current_shipping_minor,
    case((_order.status == OrderStatus.CANCELLED, 0), else_=_order.shipping_tax_minor),
    _order.status,
    _order.channel_id,
    _order.recorded,
)

_debit, _credit = accounts.alias("debit"), accounts.alias("credit")


def _moved_by(role: AccountRole) -> ColumnElement[int]:
    """Debits less credits of the account that plays a role."""
    sign = case((_debit.c.role == role, 1), (_credit.c.role == role, -1), else_=0)
    return func.sum(sign * _posting.amount_minor).label(role.value)


_KEPT = (
    AccountRole.RECEIVABLES,
    AccountRole.CUSTOMER_DEPOSITS,
    AccountRole.REFUNDS_DUE,
    AccountRole.RETURNS,
)
_POSTED = (
    select(
        entries.c.subject_id,
        line_postings.c.order_line_id,
        line_postings.c.part,
        *(_moved_by(role) for role in _KEPT),
    )
    .join(postings, _posting.entry_id == entries.c.id)
    .join(_debit, _debit.c.id == _posting.debit_account_id)
    .join(_credit, _credit.c.id == _posting.credit_account_id)
    .outerjoin(
        line_postings,
        and_(
            line_postings.c.entry_id == _posting.entry_id,
            line_postings.c.position == _posting.position,
        ),
    )
    .where(
        entries.c.subject_prefix == "ord",
        or_(_debit.c.role.in_(_KEPT), _credit.c.role.in_(_KEPT)),
    )
    .group_by(entries.c.subject_id, line_postings.c.order_line_id, line_postings.c.part)
)


# What all stock is worth, by currency: the value of each variant rounded, as it is posted.
_worth = select(
    costs.c.currency, costs.c.value_micro, micro_per_minor(costs.c.currency).label("step")
).subquery("worth")
STOCK_VALUES = select(
    _worth.c.currency, func.sum(half_even(_worth.c.value_micro, _worth.c.step)).label("value")
).group_by(_worth.c.currency)


def kept_in(role: AccountRole) -> Subquery:
    """Debits less credits of the account that plays a role: rows of a currency and an amount."""
    of = select(accounts.c.id).where(accounts.c.role == role).scalar_subquery()
    sides = [
        select(_posting.currency, (sign * _posting.amount_minor).label("minor")).where(column == of)
        for column, sign in ((_posting.debit_account_id, 1), (_posting.credit_account_id, -1))
    ]
    return union_all(*sides).subquery("kept")


opening_by_ids = one_per(BooksOpening, openings, openings.c.id)


def opening(db: Connection) -> BooksOpening | None:
    """The opening of the books. None: they are not open."""
    return next(iter(fetch(db, BooksOpening, select_as(BooksOpening, openings))), None)


def opened_on(db: Connection) -> date | None:
    """The day on which the books of the shop were opened. None: they are not."""
    found: date | None = db.execute(select(openings.c.booked_on)).scalar()
    return found


def books_of(db: Connection, order_ids: Collection[UUID]) -> Mapping[UUID, OrderBook]:
    """What the ledger says of orders. Three statements."""
    books = {
        row[0]: OrderBook(
            BookedOrder(
                id=row[0],
                name=row[1] or "(draft)",
                currency=row[2],
                tax_included=row[3],
                shipping=row[4],
                shipping_tax=row[5],
                is_over=row[6] is OrderStatus.CLOSED,
                is_recorded=row[8],
                dimensions=Dimensions(channel_id=row[7]),
                lines=lines,
            )
        )
        for lines_by_order in [_lines_of(db, order_ids)]
        for row in db.execute(_ORDERS.where(among(_order.id, order_ids)))
        for lines in [lines_by_order.get(row[0], ())]
    }
    for subject_id, line_id, part, *sums in db.execute(
        _POSTED.where(among(entries.c.subject_id, order_ids))
    ):
        book = books[subject_id]
        for role, minor in zip(_KEPT, sums, strict=True):
            book.balances[role] += int(minor)
        if part is not None:
            book.billed[line_id, part] += int(sums[0])
    return books


def _lines_of(
    db: Connection, order_ids: Collection[UUID]
) -> Mapping[UUID, tuple[OrderedLine, ...]]:
    found: defaultdict[UUID, list[OrderedLine]] = defaultdict(list)
    for row in db.execute(_LINES.where(among(_line.order_id, order_ids))):
        line = OrderedLine(
            id=row[1],
            is_goods=row[2] is LineKind.GOODS,
            pieces=row[3],
            shipped=row[4],
            subtotal=row[5],
            discount=row[6],
            tax=row[7],
            variant_id=row[8],
            dimensions=Dimensions(channel_id=row[12], product_id=row[9], supplier_id=row[11]),
            weight_g=row[10],
        )
        found[row[0]].append(line)
    return {id: tuple(lines) for id, lines in found.items()}


def products_of(db: Connection, variant_ids: Collection[UUID]) -> Mapping[UUID, Dimensions]:
    """What postings about variants are about."""
    statement = select(variants.c.id, variants.c.product_id).where(
        among(variants.c.id, variant_ids)
    )
    return {row[0]: Dimensions(product_id=row[1]) for row in db.execute(statement)}


def pieces_of(
    db: Connection, fulfillment_ids: Collection[UUID]
) -> Mapping[UUID, Mapping[tuple[UUID, UUID], int]]:
    """Pieces in fulfillments, by order line and variant."""
    of = fulfillment_lines.c
    statement = select(of.fulfillment_id, of.order_line_id, of.variant_id, of.quantity)
    statement = statement.where(among(of.fulfillment_id, fulfillment_ids)).order_by(of.position)
    found: defaultdict[UUID, dict[tuple[UUID, UUID], int]] = defaultdict(dict)
    for id, line_id, variant_id, pieces in db.execute(statement):
        found[id][line_id, variant_id] = pieces
    return found


def pieces_in(db: Connection, parcel_ids: Collection[UUID]) -> Mapping[UUID, Mapping[UUID, int]]:
    """Pieces in parcels, by order line. Nothing for a parcel of which no contents are told."""
    of, line = parcel_lines.c, fulfillment_lines.c
    statement = (
        select(of.parcel_id, line.order_line_id, func.sum(of.quantity))
        .join(fulfillment_lines, line.id == of.fulfillment_line_id)
        .where(among(of.parcel_id, parcel_ids))
        .group_by(of.parcel_id, line.order_line_id)
    )
    found: defaultdict[UUID, dict[UUID, int]] = defaultdict(dict)
    for id, line_id, pieces in db.execute(statement):
        found[id][line_id] = int(pieces)
    return found


def returned_to_suppliers(
    db: Connection, return_ids: Collection[UUID]
) -> Mapping[UUID, Mapping[UUID, Money]]:
    """What suppliers owe by returns, by variant."""
    of = purchase_return_lines.c
    statement = (
        select(of.return_id, of.variant_id, of.currency, func.sum(of.amount_minor))
        .where(among(of.return_id, return_ids))
        .group_by(of.return_id, of.variant_id, of.currency)
    )
    found: defaultdict[UUID, dict[UUID, Money]] = defaultdict(dict)
    for id, variant_id, currency, minor in db.execute(statement):
        found[id][variant_id] = Money(int(minor), currency)
    return found


def charges_posted(db: Connection, receipt_id: UUID) -> Mapping[UUID, int] | None:
    """What charges of a receipt were posted, by product. None: the receipt itself was not."""
    statement = (
        select(_posting.product_id, _moved_by(AccountRole.FREIGHT_NOT_BILLED))
        .join(entries, _posting.entry_id == entries.c.id)
        .join(_debit, _debit.c.id == _posting.debit_account_id)
        .join(_credit, _credit.c.id == _posting.credit_account_id)
        .where(entries.c.subject_prefix == "rcp", entries.c.subject_id == receipt_id)
        .group_by(_posting.product_id)
    )
    found = {row[0]: -int(row[1]) for row in db.execute(statement)}
    return found or None


def promised_lines(db: Connection, ids: Collection[UUID]) -> Mapping[UUID, Sequence[PromisedLine]]:
    """What is given back line by line, by refunds of returns."""
    return _line_by_line(db, return_refund_lines, "return_refund_id", ids)


def unpromised_lines(
    db: Connection, ids: Collection[UUID]
) -> Mapping[UUID, Sequence[PromisedLine]]:
    """What is not given back after all line by line, by reversals of such refunds."""
    return _line_by_line(db, return_refund_reversal_lines, "reversal_id", ids)


def _line_by_line(
    db: Connection, table: Table, key: str, ids: Collection[UUID]
) -> Mapping[UUID, Sequence[PromisedLine]]:
    of = table.c
    statement = (
        select(
            of[key],
            return_lines.c.order_line_id,
            of.items_minor,
            of.tax_minor,
            of.shipping_minor,
            of.fee_minor,
        )
        .join(return_lines, return_lines.c.id == of.line_id)
        .where(among(of[key], ids))
        .order_by(of[key], of.line_id)
    )
    found: defaultdict[UUID, list[PromisedLine]] = defaultdict(list)
    for id, *values in db.execute(statement):
        found[id].append(PromisedLine(*values))
    return found


def posted_as(db: Connection, sources: Collection[str]) -> Mapping[str, list[ShopPosting]]:
    """The postings of entries, by what these were made for, in their order."""
    statement = (
        select(
            entries.c.source,
            _posting.debit_account_id,
            _posting.credit_account_id,
            _posting.amount_minor,
            _posting.currency,
            _posting.channel_id,
            _posting.supplier_id,
            _posting.product_id,
            _posting.location_id,
            line_postings.c.order_line_id,
            line_postings.c.part,
        )
        .join(postings, _posting.entry_id == entries.c.id)
        .outerjoin(
            line_postings,
            and_(
                line_postings.c.entry_id == _posting.entry_id,
                line_postings.c.position == _posting.position,
            ),
        )
        .where(among(entries.c.source, sources))
        .order_by(entries.c.source, _posting.position)
    )
    found: defaultdict[str, list[ShopPosting]] = defaultdict(list)
    for row in db.execute(statement):
        draft = PostingDraft(
            debit=row[1],
            credit=row[2],
            amount=Money(row[3], row[4]),
            dimensions=Dimensions(
                channel_id=row[5], supplier_id=row[6], product_id=row[7], location_id=row[8]
            ),
        )
        part: LinePart | None = row[10]
        found[row[0]].append(ShopPosting(draft, (row[9], part) if part else None))
    return found
