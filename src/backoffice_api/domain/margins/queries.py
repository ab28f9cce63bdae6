"""What can be asked about margins: few statements, however many postings they are made of."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from backoffice_api.domain.bookkeeping.tables import line_postings
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, one_per
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.ledger.model.refusals import InvalidSpan
from backoffice_api.domain.ledger.tables import accounts, entries, postings
from backoffice_api.domain.margins.model.margins import (
    MEASURES,
    ROLES,
    Margin,
    MarginDimension,
    MarginGroup,
    MarginMeasure,
    margin_of,
)
from backoffice_api.domain.margins.model.restating import (
    About,
    Restatement,
    RestatementSortKey,
    Shared,
    Sold,
)
from backoffice_api.domain.margins.tables import restatements, shares
from backoffice_api.domain.orders.tables import orders

_posting, _line, _share = postings.c, line_postings.c, shares.c

restatements_by_ids = one_per(Restatement, restatements, restatements.c.id)
restatement_list = Listing(
    Restatement,
    restatements,
    sorts={RestatementSortKey.CREATED_AT: restatements.c.created_at},
)

_MEASURE = case(
    *((accounts.c.role.in_(roles), measure.value) for measure, roles in ROLES.items()),
    else_=null(),
)
_NAMES = ("channel_id", "supplier_id", "product_id")


def _side(account: ColumnElement[Any], sign: int) -> Select[Any]:
    """The postings that credit or debit the accounts of margins, as they add to a margin."""
    of_order = case((entries.c.subject_prefix == "ord", entries.c.subject_id))
    return (
        select(
            _posting.booked_on,
            *(_posting[name] for name in _NAMES),
            func.coalesce(_line.order_id, of_order, type_=Id()).label("order_id"),
            _line.order_line_id,
            _posting.currency,
            type_coerce(_MEASURE, String).label("measure"),
            (sign * _posting.amount_minor).label("minor"),
        )
        .join(accounts, accounts.c.id == account)
        .join(entries, entries.c.id == _posting.entry_id)
        .outerjoin(
            line_postings,
            and_(_line.entry_id == _posting.entry_id, _line.position == _posting.position),
        )
        .where(accounts.c.role.in_(MEASURES))
    )


def _both(*where: ColumnElement[bool]) -> Sequence[Select[Any]]:
    return [
        _side(_posting.debit_account_id, -1).where(*where),
        _side(_posting.credit_account_id, 1).where(*where),
    ]


_SHARES = select(
    _share.booked_on,
    *(_share[name] for name in _NAMES),
    _share.order_id,
    _share.order_line_id,
    _share.currency,
    type_coerce(_share.measure, String).label("measure"),
    _share.amount_minor.label("minor"),
)


def margins(
    db: Connection,
    by: MarginDimension,
    span: tuple[date, date],
    *,
    first: int,
    best_first: bool = False,
    restatement: int | None = None,
) -> Sequence[MarginGroup]:
    """Margins from the first day of `span` up to but without the second, by thing and currency.

    The `first` of them, the smallest contribution first, or the largest. `restatement`: as they
    were stated by the restatement of that number, 0 before any; None: as they are stated now.

    Raises:
        InvalidSpan.
    """
    _check(span)
    stated = [] if restatement is None else [_share.number <= restatement]
    facts = union_all(
        *_both(_within(_posting.booked_on, span)),
        _SHARES.where(_within(_share.booked_on, span), *stated),
    ).subquery("facts")
    key = null() if by is MarginDimension.TOTAL else facts.c[f"{by.value}_id"]
    by_key = () if by is MarginDimension.TOTAL else (key,)
    sums = [
        func.sum(case((facts.c.measure == measure.value, facts.c.minor), else_=0))
        for measure in MarginMeasure
    ]
    whole = func.sum(facts.c.minor)
    statement = (
        select(facts.c.currency, *sums, key)
        .group_by(facts.c.currency, *by_key)
        .having(or_(*(each != 0 for each in sums)))
        .order_by(whole.desc() if best_first else whole, facts.c.currency, *by_key)
        .limit(first)
    )
    return [
        MarginGroup(
            by,
            row[-1],
            margin_of(row[0], zip(MarginMeasure, (int(each) for each in row[1:-1]), strict=True)),
        )
        for row in db.execute(statement)
    ]


_debit, _credit = accounts.alias("debit"), accounts.alias("credit")


def _text(column: ColumnElement[Any]) -> ColumnElement[str]:
    return type_coerce(column, String)


_ROLES = _text(_debit.c.role).label("debit"), _text(_credit.c.role).label("credit")


def _roles(key: ColumnElement[Any]) -> Select[Any]:
    """What was moved between which roles, by a key. Which of them count is not asked here.

    So whatever the key is found by is where the database begins.
    """
    moved = func.sum(_posting.amount_minor)
    return (
        select(key.label("key"), _posting.currency, *_ROLES, moved)
        .select_from(postings)
        .join(_debit, _debit.c.id == _posting.debit_account_id)
        .join(_credit, _credit.c.id == _posting.credit_account_id)
        .group_by(key, _posting.currency, _debit.c.role, _credit.c.role)
    )


_IN_ENTRY = entries.c.id == _posting.entry_id
_OF_POSTING = and_(_line.entry_id == _posting.entry_id, _line.position == _posting.position)
_OF_ORDERS = _roles(entries.c.subject_id).join(entries, _IN_ENTRY)
_OF_LABELS = _roles(_line.order_id).join(line_postings, _OF_POSTING).join(entries, _IN_ENTRY)
_OF_LINES = _roles(_line.order_line_id).join(line_postings, _OF_POSTING)


def margins_by_orders(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Margin]]:
    """The margins of orders, one for each currency that something of it was posted in."""
    wanted = tuple(ids)
    of_order = entries.c.subject_prefix == "ord"
    moved = [
        _OF_ORDERS.where(of_order, among(entries.c.subject_id, wanted)),
        _OF_LABELS.where(
            or_(entries.c.subject_prefix.is_(None), ~of_order), among(_line.order_id, wanted)
        ),
    ]
    return _gathered(db, moved, _share.order_id, wanted)


def margins_by_lines(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Margin]]:
    """The margins of order lines, in the same way."""
    wanted = tuple(ids)
    moved = [_OF_LINES.where(among(_line.order_line_id, wanted))]
    return _gathered(db, moved, _share.order_line_id, wanted)


def margins_by_customers(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Margin]]:
    """The margins of all orders of customers, in the same way."""
    wanted = tuple(ids)
    of_order, buyer = entries.c.subject_prefix == "ord", orders.c.customer_id
    moved = [
        _roles(buyer)
        .join(entries, _IN_ENTRY)
        .join(orders, orders.c.id == entries.c.subject_id)
        .where(of_order, among(buyer, wanted)),
        _roles(buyer)
        .join(line_postings, _OF_POSTING)
        .join(entries, _IN_ENTRY)
        .join(orders, orders.c.id == _line.order_id)
        .where(or_(entries.c.subject_prefix.is_(None), ~of_order), among(buyer, wanted)),
    ]
    return _gathered(db, moved, buyer, wanted, shares.join(orders, orders.c.id == _share.order_id))


def _gathered(
    db: Connection,
    moved: Iterable[Select[Any]],
    key: ColumnElement[Any],
    wanted: Sequence[UUID],
    shared_out: FromClause = shares,
) -> Mapping[UUID, Sequence[Margin]]:
    """Margins of what was moved, and of what restatements have shared out, in one statement."""
    sums: defaultdict[tuple[UUID, str], list[tuple[MarginMeasure, int]]] = defaultdict(list)
    none = cast(null(), String)
    shared = (
        select(key, _share.currency, none, none, _share.amount_minor, _text(_share.measure))
        .select_from(shared_out)
        .where(among(key, wanted))
    )
    every = union_all(*(each.add_columns(none) for each in moved), shared)
    for id, currency, debit, credit, minor, measure in db.execute(every):
        if measure is not None:
            sums[id, currency].append((MarginMeasure(measure), int(minor)))
        for role, sign in ((debit, -1), (credit, 1)):
            if role in MEASURES:
                sums[id, currency].append((MEASURES[role], sign * int(minor)))
    found: defaultdict[UUID, list[Margin]] = defaultdict(list)
    for (id, currency), parts in sorted(sums.items()):
        found[id].append(margin_of(currency, parts))
    return found


def pool(db: Connection, span: tuple[date, date]) -> Collection[Shared]:
    """What was posted of a time without a line of an order."""
    in_time = _within(_posting.booked_on, span)
    facts = union_all(*_both(in_time, _line.order_line_id.is_(None))).subquery("facts")
    return _shared(db, facts)


def stated(db: Connection, span: tuple[date, date]) -> Collection[Shared]:
    """What all restatements that count within a time come to."""
    return _shared(db, _SHARES.where(_within(_share.booked_on, span)).subquery("facts"))


def _shared(db: Connection, facts: Subquery) -> Collection[Shared]:
    of = facts.c
    columns = (
        *(of[name] for name in _NAMES),
        of.order_id,
        of.order_line_id,
        of.measure,
        of.currency,
    )
    total = func.sum(of.minor)
    statement = select(*columns, total).group_by(*columns).having(total != 0)
    return [
        Shared(About(*row[:5]), MarginMeasure(row[5]), row[6], int(row[7]))
        for row in db.execute(statement)
    ]


def sold(db: Connection, span: tuple[date, date]) -> Collection[Sold]:
    """What each line has brought in within a time, less discounts."""
    earned = [MarginMeasure.REVENUE.value, MarginMeasure.DISCOUNTS.value]
    in_time = _within(_posting.booked_on, span)
    facts = union_all(*_both(in_time, _line.order_line_id.is_not(None))).subquery("facts")
    of = facts.c
    columns = (*(of[name] for name in _NAMES), of.order_id, of.order_line_id, of.currency)
    statement = (
        select(*columns, func.sum(of.minor)).where(of.measure.in_(earned)).group_by(*columns)
    )
    return [
        Sold(About(*row[:5]), row[5], int(row[6]))
        for row in db.execute(statement.order_by(of.order_line_id))
    ]


def partly_restated(db: Connection, span: tuple[date, date]) -> tuple[date, date] | None:
    """The days of a restatement that shares some with `span`, and goes beyond it. None: none."""
    of = restatements.c
    statement = select(of.from_on, of.to_on).where(
        of.from_on < span[1],
        of.to_on > span[0],
        or_(of.from_on < span[0], of.to_on > span[1]),
    )
    row = db.execute(statement.order_by(of.number.desc()).limit(1)).one_or_none()
    return None if row is None else (row.from_on, row.to_on)


def last_number(db: Connection) -> int:
    """The number of the last restatement, 0 before any."""
    found: int | None = db.execute(select(func.max(restatements.c.number))).scalar()
    return found or 0


def _within(day: ColumnElement[date], span: tuple[date, date]) -> ColumnElement[bool]:
    return and_(day >= span[0], day < span[1])


def _check(span: tuple[date, date]) -> None:
    if span[1] <= span[0]:
        raise InvalidSpan().at("to")
