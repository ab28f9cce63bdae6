"""What can be asked about codes and devices."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.gs1 import Gs1Message
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, one_per
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import Variant
from backoffice_api.domain.returns import queries as returns
from backoffice_api.domain.scanning.model.codes import (
    Candidate,
    CodeKind,
    Resolution,
    ScannedCode,
    read_code,
)
from backoffice_api.domain.scanning.model.devices import Device, DeviceSortKey, UnknownDevice
from backoffice_api.domain.scanning.model.scans import ScanKind, Scanned
from backoffice_api.domain.scanning.tables import devices, scans
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.queries.lots import lots_by_code_or_id

devices_by_ids = one_per(Device, devices, devices.c.id)
devices_by_codes = one_per(Device, devices, devices.c.code)

device_list = Listing(
    Device,
    devices,
    sorts={
        DeviceSortKey.CREATED_AT: devices.c.created_at,
        DeviceSortKey.CODE: devices.c.code,
    },
    words={
        "status": On(devices.c.status),
        "code": On(devices.c.code),
        "created_at": On(devices.c.created_at),
    },
)


@dataclass(frozen=True, slots=True)
class CodeSource:
    """One kind of thing that a code may name: how it is found, with one statement.

    Whoever keeps another kind of thing that carries a code, as a parcel, adds a source.
    """

    scope: Scope
    find: Callable[[Connection, ScannedCode], Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class Packed:
    """A variant that a code names, and how many pieces of it one scan of the code stands for.

    `message`: what else the code says, as a lot or a serial number.
    """

    variant: Variant
    pieces: int
    message: Gs1Message | None = None


def _packs(db: Connection, code: ScannedCode) -> Sequence[Candidate]:
    found = products.packs_by_keys(db, code.barcode_keys)
    count = (code.message.count if code.message else None) or 1
    return [
        Candidate(
            CodeKind.BARCODE,
            ids.text("sku", pack.variant_id),
            quantity=pack.pack_quantity * count,
            level=pack.level,
        )
        for key in code.barcode_keys
        if (pack := found.get(key))
    ]


def _variants(db: Connection, code: ScannedCode) -> Sequence[Candidate]:
    found = products.variants_by_sku_or_id(db, code.text, code.id_of("sku"))
    return [Candidate(CodeKind.VARIANT, ids.text("sku", id)) for id in found]


def _lots(db: Connection, code: ScannedCode) -> Sequence[Candidate]:
    keys = code.barcode_keys if code.message and code.message.gtin else ()
    found = lots_by_code_or_id(db, code.lot_codes, code.id_of("lot"), keys)
    return [Candidate(CodeKind.LOT, ids.text("lot", id)) for id in found]


def _returns(db: Connection, code: ScannedCode) -> Sequence[Candidate]:
    found = returns.returns_by_number_or_id(db, code.text, code.id_of("ret"))
    return [Candidate(CodeKind.RETURN, ids.text("ret", id)) for id in found]


def _locations(db: Connection, code: ScannedCode) -> Sequence[Candidate]:
    found = stock.locations_by_code_or_id(db, code.text, code.id_of("loc"))
    return [Candidate(CodeKind.LOCATION, ids.text("loc", id)) for id in found]


def _orders(db: Connection, code: ScannedCode) -> Sequence[Candidate]:
    found = orders.orders_by_number_or_id(db, code.text, code.id_of("ord"))
    return [Candidate(CodeKind.ORDER, ids.text("ord", id)) for id in found]


def _fulfillments(db: Connection, code: ScannedCode) -> Sequence[Candidate]:
    found = fulfillment.fulfillments_by_number_or_id(db, code.text, code.id_of("ful"))
    return [Candidate(CodeKind.FULFILLMENT, ids.text("ful", id)) for id in found]


def _parcels(db: Connection, code: ScannedCode) -> Sequence[Candidate]:
    # A pallet's or parcel's number may be written with its identifier or without.
    sscc = code.message.sscc if code.message else None
    names = (code.text, sscc) if sscc else (code.text,)
    found = fulfillment.parcels_by_code_or_id(db, names, code.id_of("pcl"))
    return [Candidate(CodeKind.PARCEL, ids.text("pcl", id)) for id in found]


# The likeliest first.
CODE_SOURCES: Sequence[CodeSource] = (
    CodeSource(Scope.PRODUCTS_READ, _packs),
    CodeSource(Scope.PRODUCTS_READ, _variants),
    CodeSource(Scope.STOCK_READ, _lots),
    CodeSource(Scope.STOCK_READ, _locations),
    CodeSource(Scope.ORDERS_READ, _orders),
    CodeSource(Scope.FULFILLMENT_READ, _fulfillments),
    CodeSource(Scope.FULFILLMENT_READ, _parcels),
    CodeSource(Scope.RETURNS_READ, _returns),
)


def resolve_code(
    db: Connection, text: str, *, today: date, may: Callable[[Scope], bool]
) -> Resolution:
    """What a code says and what it may mean, as far as the caller may see that.

    One statement for each kind of thing.
    """
    code = read_code(text)
    candidates = [
        each for source in CODE_SOURCES if may(source.scope) for each in source.find(db, code)
    ]
    seen: dict[str, Candidate] = {}
    for each in candidates:
        seen.setdefault(each.subject, each)
    return Resolution(code.text, code.message, today, tuple(seen.values()))


def packed_by_codes(db: Connection, texts: Iterable[str]) -> Mapping[str, Packed]:
    """The variant of each code, by barcode, else by SKU, else by our id. Three statements."""
    codes = {text: read_code(text) for text in texts}
    packs = products.packs_by_keys(
        db, {key for each in codes.values() for key in each.barcode_keys}
    )
    by_sku = products.variants_by_skus(db, {each.text for each in codes.values()})
    named = {id for each in codes.values() if (id := each.id_of("sku"))}
    by_id = products.variants_by_ids(db, {pack.variant_id for pack in packs.values()} | named)
    found: dict[str, Packed] = {}
    for text, code in codes.items():
        pack = next((packs[key] for key in code.barcode_keys if key in packs), None)
        id = code.id_of("sku")
        if pack:
            count = (code.message.count if code.message else None) or 1
            variant = by_id[pack.variant_id]
            found[text] = Packed(variant, pack.pack_quantity * count, code.message)
        elif code.text in by_sku:
            found[text] = Packed(by_sku[code.text], 1)
        elif id in by_id:
            found[text] = Packed(by_id[id], 1)
    return found


def devices_by_scanned(db: Connection, keys: Iterable[Scanned]) -> Mapping[Scanned, Device]:
    """The device of each batch."""
    wanted = tuple(keys)
    found = devices_by_ids(db, {each.device_id for each in wanted})
    return {each: found[each.device_id] for each in wanted}


def device(db: Connection, id: UUID) -> Device:
    """The device `id`.

    Raises:
        UnknownDevice: there is none.
    """
    if found := devices_by_ids(db, [id]).get(id):
        return found
    raise UnknownDevice(id).at("id")


def digests(db: Connection, device_id: UUID, sequences: Collection[int]) -> Mapping[int, str]:
    """The digests of those scans of a device that were accepted, by their numbers."""
    statement = select(scans.c.sequence, scans.c.digest).where(
        scans.c.device_id == device_id, among(scans.c.sequence, sequences)
    )
    return {row[0]: row[1] for row in db.execute(statement)}


def counts_since(
    db: Connection, variant_ids: Collection[UUID], moment: datetime
) -> Sequence[tuple[UUID, UUID, UUID | None, datetime]]:
    """When variants were counted by scans, at that moment or later.

    Variant, location, lot, when.
    """
    of = scans.c
    statement = select(of.variant_id, of.location_id, of.lot_id, of.scanned_at).where(
        among(of.variant_id, variant_ids), of.kind == ScanKind.COUNT, of.scanned_at >= moment
    )
    return [(row[0], row[1], row[2], row[3]) for row in db.execute(statement)]
