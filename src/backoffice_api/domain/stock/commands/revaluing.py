"""Pieces that came in cost more or less than was thought: what is still there is worth that."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.stock.commands.costs import Entries, books_of, noted, write_books
from backoffice_api.domain.stock.model.costs import CostKind, Recosted
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.tables import movements


def revalue(uow: UnitOfWork, recosted: Sequence[Recosted], cause: Cause) -> UnitPrice | None:
    """Let pieces that came in with a cause be worth what they cost. By how much stock grows.

    Pieces that have left keep their cost (ADR 0015); so do variants that are valued in another
    currency, or not at all. None: nothing is worth anything else. A constant number of statements.

    Raises:
        AmountTooLarge: a variant is worth more than can be kept.
    """
    given: defaultdict[UUID, list[Recosted]] = defaultdict(list)
    for each in recosted:
        if each.delta_micro and each.quantity:
            given[each.variant_id].append(each)
    if not given:
        return None
    books = books_of(uow, given)
    came = _movements_of(uow, given, cause)
    entries, total_micro, currency = Entries(), 0, ""
    for variant_id, book in books.items():
        of = [
            replace(each, movement_ids=came[variant_id])
            for each in given[variant_id]
            if each.currency == book.currency
        ]
        if delta := book.revalue(of):
            total_micro, currency = total_micro + delta, book.currency
            entries.add(
                variant_id=variant_id,
                movement_id=None,
                kind=CostKind.REVALUATION,
                quantity=0,
                value_micro=delta,
                currency=book.currency,
                occurred_at=uow.now,
            )
    if not currency:
        return None
    write_books(uow, books, entries)
    uow.note(*noted(entries, books, {}, cause))
    return UnitPrice(total_micro, currency)


def _movements_of(
    uow: UnitOfWork, variant_ids: Collection[UUID], cause: Cause
) -> Mapping[UUID, frozenset[UUID]]:
    """The movements of variants that have this cause."""
    of = movements.c
    statement = select(of.variant_id, of.id).where(
        of.cause_id == cause.id, of.cause_kind == cause.kind, among(of.variant_id, variant_ids)
    )
    found: defaultdict[UUID, frozenset[UUID]] = defaultdict(frozenset)
    for variant_id, id in uow.db.execute(statement):
        found[variant_id] |= {id}
    return found
