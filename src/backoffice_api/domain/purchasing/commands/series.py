"""How documents of purchasing get their numbers.

The policy: numbers of one series have no gaps. The number is drawn by one UPDATE inside the
transaction that makes the document, as late as it can be. A transaction that fails gives its
number back, since its UPDATE is rolled back with it. The price is that two documents of one kind
are made one after the other, from the draw to the commit.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import bindparam, select, update

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import fetch, insert_or_ignore, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing.model.series import (
    PREFIX_LENGTH_MAX,
    SERIAL_MAX,
    DocumentKind,
    DrawnNumber,
    Series,
    SeriesPrefixEndsInDigit,
    SeriesSet,
)
from backoffice_api.domain.purchasing.tables.orders import series

_DRAW = (
    update(series)
    .where(series.c.kind == bindparam("of_kind"))
    .values(number_next=series.c.number_next + 1)
    .returning(series.c.prefix, series.c.number_next - 1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeries(Command):
    """`number_next`: the digits of the next number; it can only go up."""

    scope = Scope.PURCHASING_APPROVE
    kind: DocumentKind
    prefix: str | Keep = KEEP
    number_next: int | Keep = KEEP


def set_series(uow: UnitOfWork, command: SetSeries) -> UUID:
    """Say how the next documents of a kind are numbered. Id of the series.

    Raises:
        SeriesPrefixEndsInDigit, InvalidText: the prefix is wrong.
        OutOfRange: `number_next` is below the number that would be drawn next.
    """
    _make(uow, command.kind)
    statement = select_as(Series, series).where(series.c.kind == command.kind).with_for_update()
    before = fetch(uow.db, Series, statement)[0]
    after = replace(before, prefix=patched(command.prefix, before.prefix))
    faults = Faults()
    check_text(after.prefix, faults, "prefix", minimum=0, maximum=PREFIX_LENGTH_MAX)
    if after.prefix[-1:].isdigit():
        faults.add(SeriesPrefixEndsInDigit().at("prefix"))
    of_kind = select(series.c.number_next, series.c.numbers_skipped)
    present, skipped = uow.db.execute(of_kind.where(series.c.id == before.id)).one()
    wanted = patched(command.number_next, present)
    check_range(wanted, faults, "number_next", minimum=present, maximum=SERIAL_MAX)
    faults.check()
    saved = save(
        uow,
        series,
        before,
        after,
        number_next=wanted,
        numbers_skipped=skipped + wanted - present,
    )
    event = SeriesSet(saved.id, saved.version, saved.kind, saved.prefix)
    uow.emit(event, before=before, after=saved)
    return saved.id


def draw(uow: UnitOfWork, kind: DocumentKind) -> DrawnNumber:
    """The next number of a kind. Call it last: see the policy above."""
    drawn = uow.db.execute(_DRAW, {"of_kind": kind}).one_or_none()
    if drawn is None:
        _make(uow, kind)
        drawn = uow.db.execute(_DRAW, {"of_kind": kind}).one()
    prefix, serial = drawn
    return DrawnNumber(serial, f"{prefix}{serial}")


def _make(uow: UnitOfWork, kind: DocumentKind) -> None:
    """The series of a kind, if there is none yet."""
    insert_or_ignore(
        uow.db,
        series,
        {
            "id": uow.new_id(),
            "version": 1,
            "created_at": uow.now,
            "updated_at": uow.now,
            "kind": kind,
            "prefix": kind.prefix,
            "number_next": 1,
            "numbers_skipped": 0,
        },
    )
