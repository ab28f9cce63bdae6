"""What can be done with lots: heard of, changed, blocked; and how variants are tracked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import among, fetch, insert_or_ignore, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products.commands.variants import hold_variants
from backoffice_api.domain.products.model import Variant
from backoffice_api.domain.stock.model.costs import ValuationMethod, ValuationSet
from backoffice_api.domain.stock.model.levels import AdjustLine, StockNotAsExpected
from backoffice_api.domain.stock.model.lots import (
    LOT_CODE_LENGTH_MAX,
    MACHINE,
    InsufficientLot,
    Lot,
    LotBlocked,
    LotCreated,
    LotLevel,
    LotNeeded,
    LotNotTracked,
    LotUnblocked,
    LotUpdated,
    SerialElsewhere,
    StillInStock,
    Tracking,
    TrackingSet,
    UnknownLot,
)
from backoffice_api.domain.stock.model.settings import StockSettings
from backoffice_api.domain.stock.queries import lots as queries
from backoffice_api.domain.stock.queries import settings
from backoffice_api.domain.stock.tables import costs, levels, lot_levels, lots, variant_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateLot(Command):
    scope = Scope.STOCK_WRITE
    table = lots
    id: UUID
    expires_on: date | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLot(Command):
    scope = Scope.STOCK_WRITE
    table = lots
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UnblockLot(Command):
    scope = Scope.STOCK_WRITE
    table = lots
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTracking(Command):
    scope = Scope.STOCK_WRITE
    variant_id: UUID
    tracking: Tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValuation(Command):
    scope = Scope.COSTS_WRITE
    variant_id: UUID
    method: ValuationMethod


class LotsThere:
    """How many pieces of each lot levels hold, while a command changes them line by line.

    `kinds`: what each lot is that was named.
    """

    def __init__(self, there: Sequence[LotLevel], named: Sequence[Lot]) -> None:
        self.kinds: Mapping[UUID, Tracking] = {lot.id: lot.kind for lot in named}
        self._pieces = Counter({(each.level_id, each.lot_id): each.on_hand for each in there})

    def adjusted(self, level_id: UUID, lot: Lot, line: AdjustLine) -> int:
        """By how many pieces a lot changes at a level, so that it is as the line says.

        Raises:
            StockNotAsExpected: there are not as many pieces of it as the line says.
            InsufficientLot, SerialElsewhere.
        """
        present = self._pieces[level_id, lot.id]
        if line.expected_on_hand not in (None, present):
            raise StockNotAsExpected(line.expected_on_hand, present)
        delta = line.set_to - present if line.set_to is not None else line.delta or 0
        if delta < 0:
            self.take(level_id, lot, -delta)
        else:
            self.put(level_id, lot, delta)
        return delta

    def take(self, level_id: UUID, lot: Lot, quantity: int) -> None:
        """Raises: InsufficientLot: there are not so many pieces of it there."""
        if (present := self._pieces[level_id, lot.id]) < quantity:
            raise InsufficientLot(lot.code, quantity, present)
        self._pieces[level_id, lot.id] -= quantity

    def put(self, level_id: UUID, lot: Lot, quantity: int) -> None:
        """Raises: SerialElsewhere: it is one piece, and that is in stock, or more are to come."""
        if lot.kind is Tracking.SERIAL and quantity:
            in_stock = sum(
                pieces for (_, lot_id), pieces in self._pieces.items() if lot_id == lot.id
            )
            if in_stock + quantity > 1:
                raise SerialElsewhere(lot.code)
        self._pieces[level_id, lot.id] += quantity


def lots_of_lines(
    uow: UnitOfWork,
    faults: Faults,
    lines: Sequence[AdjustLine],
    tracking: Mapping[UUID, Tracking],
    variants: Mapping[UUID, Variant],
) -> tuple[Sequence[Lot | None], LotsThere]:
    """The lot that each line names, made where there is none, and where they all lie.

    The levels of the lines are locked. What is wrong is noted in `faults`: LotNeeded,
    LotNotTracked, InvalidText.
    """
    drafts: dict[tuple[UUID, str], date | None] = {}
    for position, line in enumerate(lines):
        kind = tracking.get(line.variant_id, Tracking.NONE)
        sku = variants[line.variant_id].sku
        if line.lot is None:
            if kind is not Tracking.NONE:
                faults.add(LotNeeded(sku, kind).at("lines", position, "lot"))
        elif kind is Tracking.NONE:
            faults.add(LotNotTracked(sku).at("lines", position, "lot"))
        else:
            here = ("lines", position, "lot", "code")
            check_text(line.lot.code, faults, *here, maximum=LOT_CODE_LENGTH_MAX)
            drafts.setdefault((line.variant_id, line.lot.code), line.lot.expires_on)
    faults.check()
    if not drafts:
        return [None] * len(lines), LotsThere((), ())
    made = make_lots(uow, drafts, tracking)
    named = [made[line.variant_id, line.lot.code] if line.lot else None for line in lines]
    known = list(made.values())
    return named, LotsThere(where_lots_lie(uow, known), known)


def where_lots_lie(uow: UnitOfWork, of: Sequence[Lot]) -> Sequence[LotLevel]:
    """Every level that holds a piece of these lots."""
    statement = select_as(LotLevel, lot_levels).where(
        among(lot_levels.c.lot_id, {lot.id for lot in of}), lot_levels.c.on_hand > 0
    )
    return fetch(uow.db, LotLevel, statement)


def make_lots(
    uow: UnitOfWork,
    drafts: Mapping[tuple[UUID, str], date | None],
    tracking: Mapping[UUID, Tracking],
) -> Mapping[tuple[UUID, str], Lot]:
    """The lots of these variants and codes; made where there is none, with the day they expire."""
    present = queries.lots_by_codes(uow.db, drafts, tracking)
    missing = [
        Lot(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            variant_id=variant_id,
            kind=tracking[variant_id],
            code=code,
            expires_on=expires_on,
            received_on=uow.now.date(),
            status=MACHINE.start,
        )
        for (variant_id, code), expires_on in sorted(drafts.items(), key=lambda each: each[0])
        if (variant_id, code) not in present
    ]
    if not missing:
        return present
    rows = [{name: getattr(lot, name) for name in lots.c.keys()} for lot in missing]  # noqa: SIM118
    if insert_or_ignore(uow.db, lots, *rows) < len(rows):
        # Others have made some of them at the same moment, with ids of theirs.
        return queries.lots_by_codes(uow.db, drafts, tracking)
    for lot in missing:
        uow.emit(LotCreated(lot.id, lot.version, lot.variant_id, lot.code), after=lot)
    return {**present, **{(lot.variant_id, lot.code): lot for lot in missing}}


def update_lot(uow: UnitOfWork, command: UpdateLot) -> UUID:
    """Change until when a lot is good. Its id.

    Raises:
        UnknownLot.
    """
    before = _lot(uow, command.id)
    after = replace(before, expires_on=patched(command.expires_on, before.expires_on))
    after = save(uow, lots, before, after)
    event = LotUpdated(after.id, after.version, after.variant_id, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def block_lot(uow: UnitOfWork, command: BlockLot) -> UUID:
    """Let a lot not be shipped any more. It can still be moved. Its id.

    Raises:
        UnknownLot, InvalidTransition.
    """
    return _turn(uow, command.id, "block", LotBlocked)


def unblock_lot(uow: UnitOfWork, command: UnblockLot) -> UUID:
    """Let a lot be shipped again. Its id.

    Raises:
        UnknownLot, InvalidTransition.
    """
    return _turn(uow, command.id, "unblock", LotUnblocked)


def set_tracking(uow: UnitOfWork, command: SetTracking) -> UUID:
    """Say how the pieces of a variant are told apart. Id of the variant.

    Raises:
        UnknownVariant.
        StillInStock: there are pieces, of which nobody knows what they are.
    """
    variant = _empty_variant(uow, command.variant_id)
    before = settings.by_variants(uow.db, [variant.id])[variant.id]
    after = replace(before, tracking=command.tracking)
    _write_settings(uow, after)
    uow.emit(
        TrackingSet(variant.id, variant.version, after.tracking, before.tracking),
        before=before,
        after=after,
    )
    return variant.id


def set_valuation(uow: UnitOfWork, command: SetValuation) -> UUID:
    """Say what pieces of a variant are taken to have cost that leave. Id of the variant.

    Raises:
        UnknownVariant.
        StillInStock: there are pieces that are valued already.
    """
    variant = _empty_variant(uow, command.variant_id)
    before = settings.by_variants(uow.db, [variant.id])[variant.id]
    after = replace(before, valuation=command.method)
    _write_settings(uow, after)
    known = costs.update().where(costs.c.variant_id == variant.id)
    uow.db.execute(known.values(method=after.valuation))
    uow.emit(
        ValuationSet(variant.id, variant.version, after.valuation, before.valuation),
        before=before,
        after=after,
    )
    return variant.id


def _empty_variant(uow: UnitOfWork, id: UUID) -> Variant:
    """A variant of which there are no pieces, and none comes in until the transaction ends."""
    variant = hold_variants(uow, [id], "variant_id")[id]
    theirs = select(func.coalesce(func.sum(func.abs(levels.c.on_hand)), 0))
    if quantity := int(uow.db.execute(theirs.where(levels.c.variant_id == id)).scalar_one()):
        raise StillInStock(quantity).at("variant_id")
    return variant


def _write_settings(uow: UnitOfWork, after: StockSettings) -> None:
    values = {"tracking": after.tracking, "valuation": after.valuation}
    insert_or_ignore(uow.db, variant_settings, {"variant_id": after.variant_id, **values})
    written = variant_settings.update().where(variant_settings.c.variant_id == after.variant_id)
    uow.db.execute(written.values(values))


def _turn(
    uow: UnitOfWork, id: UUID, action: str, event: type[LotBlocked] | type[LotUnblocked]
) -> UUID:
    before = _lot(uow, id)
    after = replace(before, status=MACHINE.check(action, before.status))
    after = save(uow, lots, before, after)
    uow.emit(
        event(after.id, after.version, after.variant_id, after.code), before=before, after=after
    )
    return after.id


def _lot(uow: UnitOfWork, id: UUID) -> Lot:
    if found := queries.lots_by_ids(uow.db, [id]).get(id):
        return found
    raise UnknownLot(id).at("id")
