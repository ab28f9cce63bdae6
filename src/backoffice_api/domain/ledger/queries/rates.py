"""Which rate holds: the newest one on or before a day, direct, turned round, or over the base."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, select, union_all

from backoffice_api.domain.kernel.rows import select_as
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model.rates import (
    ExchangeRate,
    Quote,
    decimal_of,
    pico_from,
    pico_over,
)
from backoffice_api.domain.ledger.tables import rates


def newest(currency: ColumnElement[str], base: str, day: ColumnElement[date]) -> ColumnElement[Any]:
    """Id of the newest rate between a currency and the base on or before a day. NULL: none.

    One that says what the currency is worth goes before one that says it the other way round.
    """
    direct, turned = rates.alias("direct"), rates.alias("turned")

    def first(of: Any, one: Any, other: Any) -> Any:
        return (
            select(of.c.id)
            .where(of.c.from_currency == one, of.c.to_currency == other, of.c.valid_on <= day)
            .order_by(of.c.valid_on.desc(), of.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )

    return func.coalesce(first(direct, currency, base), first(turned, base, currency))


def quote(db: Connection, from_currency: str, to_currency: str, on: date) -> Quote | None:
    """What a unit of a currency is worth in another on a day. None: nobody has said.

    Direct or turned round, else over the currency of the books. At most four statements.
    """
    if found := between(db, from_currency, to_currency, on):
        rate = decimal_of(pico_from(found, from_currency))
        return Quote(from_currency, to_currency, on, rate, (found,))
    books = queries.the_books(db)
    if books is None or books.base_currency in (from_currency, to_currency):
        return None
    base = books.base_currency
    first = between(db, from_currency, base, on)
    second = between(db, base, to_currency, on)
    if first is None or second is None:
        return None
    pico = pico_over(pico_from(first, from_currency), pico_from(second, base))
    return Quote(from_currency, to_currency, on, decimal_of(pico), (first, second))


def between(db: Connection, from_currency: str, to_currency: str, on: date) -> ExchangeRate | None:
    """The newest rate between two currencies; one that is given that way goes before."""
    of = rates.c
    direct = and_(of.from_currency == from_currency, of.to_currency == to_currency)
    turned = and_(of.from_currency == to_currency, of.to_currency == from_currency)
    halves = [
        select(
            select_as(ExchangeRate, rates)
            .add_columns(literal(rank).label("rank"))
            .where(pair, of.valid_on <= on)
            .order_by(of.valid_on.desc(), of.id.desc())
            .limit(1)
            .subquery()
        )
        for rank, pair in enumerate((direct, turned))
    ]
    both = union_all(*halves).subquery()
    row = db.execute(select(both).order_by(both.c.rank).limit(1)).one_or_none()
    return ExchangeRate(*row[:-1]) if row else None
