"""Packing: what is picked goes into parcels, scan by scan, and is weighed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, select

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.writing import Opened, opened, put_lines, save_told
from backoffice_api.domain.fulfillment.model.events import FulfillmentPacked, FulfillmentUnpacked
from backoffice_api.domain.fulfillment.model.fulfillments import (
    LINES_MAX,
    MACHINE,
    FulfillmentLine,
    FulfillmentState,
    Parcel,
    ParcelLine,
    UnknownParcel,
)
from backoffice_api.domain.fulfillment.model.packing import (
    PARCELS_MAX,
    SIZE_MM_MAX,
    WEIGHT_G_MAX,
    LineOrCode,
    Packing,
    ParcelCodeTaken,
    ParcelCreated,
    ParcelHasLeft,
    ParcelPacked,
    ParcelRemoved,
    ParcelUpdated,
    TooManyParcels,
    TooMuchPacked,
    UnknownPackaging,
    WrongItem,
    WrongWeight,
    expected_g,
)
from backoffice_api.domain.fulfillment.model.refusals import UnknownFulfillmentLine
from backoffice_api.domain.fulfillment.model.sites import (
    TOLERANCE_G_DEFAULT,
    TOLERANCE_PERCENT_DEFAULT,
    WeightCheck,
    tolerated_g,
)
from backoffice_api.domain.fulfillment.queries.codes import item_by_code
from backoffice_api.domain.fulfillment.queries.sites import sites_by_ids
from backoffice_api.domain.fulfillment.tables import parcel_lines, parcels
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateParcel(Command):
    """`code`: what is printed on it; None: one is made. `everything`: all that is left goes in."""

    scope = Scope.FULFILLMENT_WRITE
    fulfillment_id: UUID
    code: str | None = None
    packaging_id: UUID | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackParcel(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = parcels
    id: UUID
    items: tuple[Packing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateParcel(Command):
    """Weight in grams, sizes in millimetres. None: not measured."""

    scope = Scope.FULFILLMENT_WRITE
    table = parcels
    id: UUID
    weight_g: int | Keep | None = KEEP
    length_mm: int | Keep | None = KEEP
    width_mm: int | Keep | None = KEEP
    height_mm: int | Keep | None = KEEP
    packaging_id: UUID | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveParcel(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = parcels
    id: UUID


def create_parcel(uow: UnitOfWork, command: CreateParcel) -> UUID:
    """Begin a parcel of a fulfillment that is picked. Its id.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen, UnknownPackaging, InvalidText.
        ParcelCodeTaken, TooManyParcels.
        TooMuchPacked: everything is to go in, and everything lies in parcels already.
    """
    of = opened(uow, command.fulfillment_id, "pack")
    faults = Faults()
    check_text(command.code, faults, "code", maximum=CODE_LENGTH_MAX)
    faults.check()
    known = select(parcels.c.id).where(parcels.c.fulfillment_id == of.before.id)
    count = len(uow.db.execute(known.limit(PARCELS_MAX + 1)).all())
    if count >= PARCELS_MAX:
        raise TooManyParcels(PARCELS_MAX)
    size = _packaging(uow, command.packaging_id)
    parcel = Parcel(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        fulfillment_id=of.before.id,
        order_id=of.order.id,
        code=_code(uow, of, command.code, count + 1),
        weight_g=None,
        length_mm=size[0] if size else None,
        width_mm=size[1] if size else None,
        height_mm=size[2] if size else None,
        shipped_at=None,
        delivered_at=None,
        packaging_id=command.packaging_id,
    )
    add(uow, parcels, [parcel])
    uow.emit(ParcelCreated(parcel.id, 1, parcel.code, of.order.id), after=parcel)
    if command.everything:
        left = {line.id: line.picked - line.packed for line in of.lines}
        _pack(uow, of, parcel, {id: pieces for id, pieces in left.items() if pieces})
    return parcel.id


def pack_parcel(uow: UnitOfWork, command: PackParcel) -> UUID:
    """Put pieces into a parcel; with the last one its fulfillment is packed. Id of the parcel.

    Raises:
        UnknownParcel, InvalidTransition, OrderNotOpen, ParcelHasLeft.
        LineOrCode, UnknownFulfillmentLine, OutOfRange, TooMany: the input is wrong.
        WrongItem: what was scanned does not belong to the fulfillment.
        TooMuchPacked: more than was picked.
    """
    parcel, of = _parcel(uow, command.id, "pack")
    _pack(uow, of, parcel, _asked(uow, of, command.items))
    return parcel.id


def update_parcel(uow: UnitOfWork, command: UpdateParcel) -> UUID:
    """Note what a parcel weighs and measures. Its id.

    What it weighs is compared with what is in it, as the site's setting says.

    Raises:
        UnknownParcel, OrderNotOpen, ParcelHasLeft, UnknownPackaging, OutOfRange.
        WrongWeight: it weighs something else than what is in it.
    """
    before, of = _parcel(uow, command.id, "update")
    faults = Faults()
    for name in ("length_mm", "width_mm", "height_mm"):
        size = patched(getattr(command, name), None)
        check_range(size, faults, name, minimum=0, maximum=SIZE_MM_MAX)
    weight = patched(command.weight_g, before.weight_g)
    check_range(weight, faults, "weight_g", minimum=0, maximum=WEIGHT_G_MAX)
    faults.check()
    packaging_id = patched(command.packaging_id, before.packaging_id)
    _packaging(uow, packaging_id)
    after = replace(
        before,
        weight_g=weight,
        length_mm=patched(command.length_mm, before.length_mm),
        width_mm=patched(command.width_mm, before.width_mm),
        height_mm=patched(command.height_mm, before.height_mm),
        packaging_id=packaging_id,
    )
    expected = _expected(uow, of, after)
    after = replace(after, weight_flag=_is_wrong(uow, of, weight, expected))
    after = save(uow, parcels, before, after)
    event = ParcelUpdated(after.id, after.version, after.code, of.order.id, expected)
    uow.emit(event, before=before, after=after)
    return after.id


def remove_parcel(uow: UnitOfWork, command: RemoveParcel) -> UUID:
    """Take a parcel apart; what was in it lies ready to be packed again. Its fulfillment's id.

    Raises:
        UnknownParcel, OrderNotOpen, ParcelHasLeft.
    """
    before, of = _parcel(uow, command.id, "update")
    inside = queries.lines_by_parcels(uow.db, [before.id]).get(before.id, ())
    uow.db.execute(delete(parcel_lines).where(parcel_lines.c.parcel_id == before.id))
    after = save(uow, parcels, before, replace(before, removed_at=uow.now))
    by_id = of.by_id
    put_lines(
        uow,
        [
            replace(
                by_id[each.fulfillment_line_id],
                packed=by_id[each.fulfillment_line_id].packed - each.quantity,
            )
            for each in inside
        ],
    )
    pieces = sum(each.quantity for each in inside)
    event = ParcelRemoved(after.id, after.version, after.code, of.order.id, pieces)
    uow.emit(event, before=before, after=after)
    if pieces and of.before.status in (FulfillmentState.PACKED, FulfillmentState.READY):
        status = MACHINE.check("unpack", of.before.status)
        unpacked = replace(of.before, status=status)
        save_told(uow, of.before, unpacked, FulfillmentUnpacked, of.order, pieces)
    return of.before.id


def _parcel(uow: UnitOfWork, id: UUID, action: str) -> tuple[Parcel, Opened]:
    found = queries.parcel(uow.db, id)
    if found.shipped_at:
        raise ParcelHasLeft
    of = opened(uow, found.fulfillment_id, action)
    parcel = queries.parcel(uow.db, id)  # again, now that nobody else changes it
    if parcel.removed_at:
        raise UnknownParcel(id).at("id")
    return parcel, of


def _packaging(uow: UnitOfWork, id: UUID | None) -> tuple[int, int, int] | None:
    """Raises: UnknownPackaging."""
    if id is None:
        return None
    if found := queries.packagings_by_ids(uow.db, [id]).get(id):
        return found.length_mm, found.width_mm, found.height_mm
    raise UnknownPackaging(id).at("packaging_id")


def _code(uow: UnitOfWork, of: Opened, given: str | None, count: int) -> str:
    """Raises: ParcelCodeTaken."""
    code = f"{of.before.number}-P{count}" if given is None else given.strip()
    if not queries.parcels_by_codes(uow.db, [code]):
        return code
    if given is not None:
        raise ParcelCodeTaken(given).at("code")
    # Two channels may have orders of one number.
    return f"{code}-{uow.new_id().hex[-8:]}"


def _asked(uow: UnitOfWork, of: Opened, items: Sequence[Packing]) -> Mapping[UUID, int]:
    faults = Faults()
    check_size(items, faults, "items", maximum=LINES_MAX)
    faults.check()
    left = Counter({line.id: line.picked - line.packed for line in of.lines})
    wanted: Counter[UUID] = Counter()
    for position, each in enumerate(items):
        here = ("items", position)
        check_range(each.quantity, faults, *here, "quantity", minimum=1, maximum=QUANTITY_MAX)
        faults.check()
        if (each.line_id is None) == (each.code is None):
            raise LineOrCode().at(*here)
        lines, pieces = _named(uow, of, each, here)
        allowed = sum(left[line.id] for line in lines)
        if pieces > allowed:
            raise TooMuchPacked(pieces, allowed).at(*here, "quantity")
        for line in lines:
            taken = min(pieces, left[line.id])
            left[line.id] -= taken
            pieces -= taken
            wanted[line.id] += taken
    return {id: pieces for id, pieces in wanted.items() if pieces}


def _named(
    uow: UnitOfWork, of: Opened, given: Packing, here: tuple[str, int]
) -> tuple[Sequence[FulfillmentLine], int]:
    if given.code is not None:
        item = item_by_code(uow.db, given.code)
        lines = [line for line in of.lines if item and line.variant_id == item.variant.id]
        if item is None or not lines:
            raise WrongItem(given.code).at(*here, "code")
        return lines, given.quantity * item.pieces
    lines = [line for line in of.lines if line.id == given.line_id]
    if not lines:
        assert given.line_id is not None
        raise UnknownFulfillmentLine(given.line_id).at(*here, "line_id")
    return lines, given.quantity


def _pack(uow: UnitOfWork, of: Opened, parcel: Parcel, pieces: Mapping[UUID, int]) -> None:
    if not pieces:
        raise TooMuchPacked(1, 0)
    inside = queries.lines_by_parcels(uow.db, [parcel.id]).get(parcel.id, ())
    filled = Counter({each.fulfillment_line_id: each.quantity for each in inside})
    filled.update(pieces)
    uow.db.execute(delete(parcel_lines).where(parcel_lines.c.parcel_id == parcel.id))
    add(uow, parcel_lines, [ParcelLine(parcel.id, id, count) for id, count in filled.items()])
    lines = [replace(line, packed=line.packed + pieces.get(line.id, 0)) for line in of.lines]
    put_lines(uow, [line for line in lines if line.id in pieces])
    # What it weighed was of what was in it before.
    saved = save(uow, parcels, parcel, replace(parcel, weight_flag=False))
    total = sum(pieces.values())
    event = ParcelPacked(saved.id, saved.version, saved.code, of.order.id, total)
    uow.emit(event, before=parcel, after=saved)
    if all(line.packed == line.quantity for line in lines):
        after = replace(of.before, status=MACHINE.check("finish_packing", of.before.status))
        save_told(uow, of.before, after, FulfillmentPacked, of.order, _packed(lines))


def _packed(lines: Sequence[FulfillmentLine]) -> int:
    return sum(line.packed for line in lines)


def _expected(uow: UnitOfWork, of: Opened, parcel: Parcel) -> int | None:
    inside = queries.lines_by_parcels(uow.db, [parcel.id]).get(parcel.id, ())
    by_id = of.by_id
    variants = products.variants_by_ids(
        uow.db, {by_id[each.fulfillment_line_id].variant_id for each in inside}
    )
    tare = 0
    if parcel.packaging_id:
        box = queries.packagings_by_ids(uow.db, [parcel.packaging_id])[parcel.packaging_id]
        tare = box.weight_g
    contents = [
        (variants[by_id[each.fulfillment_line_id].variant_id].weight_g, each.quantity)
        for each in inside
    ]
    return expected_g(contents, tare)


def _is_wrong(uow: UnitOfWork, of: Opened, measured: int | None, expected: int | None) -> bool:
    """Whether a weight is wrong and is let pass.

    Raises:
        WrongWeight: it is wrong, and the site wants nothing of it.
    """
    if measured is None or expected is None:
        return False
    site = sites_by_ids(uow.db, [of.before.location_id]).get(of.before.location_id)
    check = site.weight_check if site else WeightCheck.FLAG
    percent = site.tolerance_percent if site else TOLERANCE_PERCENT_DEFAULT
    tolerated = tolerated_g(expected, percent, site.tolerance_g if site else TOLERANCE_G_DEFAULT)
    if check is WeightCheck.OFF or abs(measured - expected) <= tolerated:
        return False
    if check is WeightCheck.REFUSE:
        raise WrongWeight(measured, expected, tolerated).at("weight_g")
    return True
