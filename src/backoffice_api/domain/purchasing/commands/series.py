"""How documents of purchasing get their numbers: one series without gaps for each kind."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel import series as numbers
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.series import (
    PREFIX_LENGTH_MAX,
    SERIAL_MAX,
    DrawnNumber,
    SeriesPrefixEndsInDigit,
)
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing.model.series import DocumentKind, Series, SeriesSet
from backoffice_api.domain.purchasing.tables.orders import series


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
    key = {"kind": command.kind}
    numbers.make(uow, series, key, prefix=command.kind.prefix)
    statement = select_as(Series, series).where(series.c.kind == command.kind).with_for_update()
    before = fetch(uow.db, Series, statement)[0]
    after = replace(before, prefix=patched(command.prefix, before.prefix))
    faults = Faults()
    check_text(after.prefix, faults, "prefix", minimum=0, maximum=PREFIX_LENGTH_MAX)
    if after.prefix[-1:].isdigit():
        faults.add(SeriesPrefixEndsInDigit().at("prefix"))
    present = numbers.progress(uow, series, key)
    wanted = patched(command.number_next, present.number_next)
    check_range(wanted, faults, "number_next", minimum=present.number_next, maximum=SERIAL_MAX)
    faults.check()
    moved = present.moved_to(wanted)
    saved = save(
        uow,
        series,
        before,
        after,
        number_next=moved.number_next,
        numbers_skipped=moved.numbers_skipped,
    )
    event = SeriesSet(saved.id, saved.version, saved.kind, saved.prefix)
    uow.emit(event, before=before, after=saved)
    return saved.id


def draw(uow: UnitOfWork, kind: DocumentKind) -> DrawnNumber:
    """The next number of a kind. Call it last: see the policy in `kernel.series`."""
    return numbers.draw(uow, series, {"kind": kind}, prefix=kind.prefix)
