"""What was picked and packed while a device was offline: each scan is done once, or refused.

What was scanned for one fulfillment is done at once. Where something of it is refused, it is halved
until that is found, so that the others are done. First all picks, then all packs: the order in
which they come in does not matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.fulfillment.commands.packing import (
    CreateParcel,
    PackParcel,
    create_parcel,
    pack_parcel,
)
from backoffice_api.domain.fulfillment.commands.picking import PickFulfillment, pick_fulfillment
from backoffice_api.domain.fulfillment.commands.writing import locked_orders
from backoffice_api.domain.fulfillment.model.fulfillments import OPEN, Fulfillment
from backoffice_api.domain.fulfillment.model.packing import Packing, ParcelCodeTaken
from backoffice_api.domain.fulfillment.model.picking import Picking
from backoffice_api.domain.fulfillment.queries.codes import fulfillments_by_names
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.scanning import queries
from backoffice_api.domain.scanning.commands.together import apart
from backoffice_api.domain.scanning.model.hall import (
    NoParcel,
    NoSuchFulfillment,
    SeveralFulfillments,
)
from backoffice_api.domain.scanning.model.scans import (
    Scan,
    ScanKind,
    ScannedInFuture,
    UnknownCode,
    UnknownPlace,
)
from backoffice_api.domain.scanning.queries import Packed
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.locations import Location


@dataclass(frozen=True, slots=True)
class Work:
    """A scan of the hall with what it names. `here`: where it was, else the site."""

    scan: Scan
    packed: Packed
    of: Fulfillment
    here: Location
    there: None = None

    @property
    def pieces(self) -> int:
        return self.scan.quantity * self.packed.pieces

    @property
    def key(self) -> tuple[bool, UUID, str]:
        """What is done at once: all that was picked, or all that went into one parcel."""
        is_pack = self.scan.kind is ScanKind.PACK
        return is_pack, self.of.id, (self.scan.parcel or "") if is_pack else ""


@dataclass(frozen=True, slots=True)
class Hall:
    """Scans with what they name, in the order of their numbers, and those that are refused."""

    found: list[Work] = field(default_factory=list)
    refused: list[tuple[Scan, DomainError]] = field(default_factory=list)


def open_hall(uow: UnitOfWork, given: Sequence[Scan]) -> Hall:
    """The scans with what they name; their orders are locked.

    To be called before any stock is locked.

    Raises:
        NotAllowed: the caller may not pick and pack.
    """
    hall = Hall()
    if not given:
        return hall
    uow.require(Scope.FULFILLMENT_WRITE)
    packed = queries.packed_by_codes(uow.db, {scan.code for scan in given})
    named = fulfillments_by_names(uow.db, {scan.fulfillment for scan in given if scan.fulfillment})
    several = [each for found in named.values() for each in found]
    ordered = locked_orders(uow, {each.order_id for each in several})
    places = _places(uow, given, several)
    for scan in sorted(given, key=lambda each: each.sequence):
        try:
            of = _named(uow, named.get(scan.fulfillment or "", ()), scan, ordered, places)
            hall.found.append(_work(uow, scan, packed, of, places))
        except DomainError as refusal:
            hall.refused.append((scan, refusal))
    return hall


def work_in_hall(uow: UnitOfWork, hall: Hall, known: dict[int, str]) -> Sequence[Work]:
    """Pick and pack what was scanned. Those that were done; what is refused is added to `hall`.

    `known`: digests by the numbers that are used up, to which those of what is done are added.
    """
    done: list[Work] = []
    first = {each.scan.sequence: each for each in reversed(hall.found)}
    once = sorted((first[n] for n in sorted(first) if n not in known), key=_key)
    for (is_pack, _, _), group in groupby(once, _key):
        for each, refusal in apart(uow, _pack if is_pack else _pick, list(group)):
            if refusal is None:
                done.append(each)
                continue
            alike = (x.scan for x in hall.found if x.scan.sequence == each.scan.sequence)
            hall.refused.extend((scan, refusal) for scan in alike)
    known |= {each.scan.sequence: each.scan.digest for each in done}
    return done


def _key(each: Work) -> tuple[bool, UUID, str]:
    return each.key


def _pick(uow: UnitOfWork, together: Sequence[Work]) -> None:
    picks = tuple(
        Picking(
            code=each.scan.code,
            quantity=each.scan.quantity,
            location_id=each.here.id if each.scan.location else None,
        )
        for each in together
    )
    pick_fulfillment(uow, PickFulfillment(id=together[0].of.id, picks=picks))


def _pack(uow: UnitOfWork, together: Sequence[Work]) -> None:
    of, name = together[0].of, together[0].scan.parcel
    if name is None:
        raise NoParcel
    own = ids.split(name)
    known = (
        fulfillment.parcels_by_ids(uow.db, [own[1]]).get(own[1])
        if own and own[0] == "pcl"
        else fulfillment.parcels_by_codes(uow.db, [name.strip()]).get(name.strip())
    )
    if known and known.fulfillment_id != of.id:
        raise ParcelCodeTaken(name)
    begun = CreateParcel(fulfillment_id=of.id, code=name)
    parcel_id = known.id if known else create_parcel(uow, begun)
    items = tuple(Packing(code=each.scan.code, quantity=each.scan.quantity) for each in together)
    pack_parcel(uow, PackParcel(id=parcel_id, items=items))


def _places(
    uow: UnitOfWork, given: Sequence[Scan], several: Sequence[Fulfillment]
) -> Mapping[str | UUID, Location]:
    """The locations that the scans name, and the sites, by code and by id."""
    named = {scan.location for scan in given if scan.location}
    own = {name: parts[1] for name in named if (parts := ids.split(name)) and parts[0] == "loc"}
    by_id = stock.locations_by_ids(uow.db, {each.location_id for each in several} | {*own.values()})
    found: dict[str | UUID, Location] = {**by_id}
    found |= {name: by_id[id] for name, id in own.items() if id in by_id}
    return {**found, **stock.locations_by_codes(uow.db, named)}


def _named(
    uow: UnitOfWork,
    several: Sequence[Fulfillment],
    scan: Scan,
    ordered: Mapping[UUID, Order],
    places: Mapping[str | UUID, Location],
) -> Fulfillment:
    """The fulfillment that a scan is of; one that is out of reach is none.

    Raises: NoSuchFulfillment, SeveralFulfillments.
    """
    given = uow.caller.reach.of(Scope.FULFILLMENT_WRITE)
    within = [
        each
        for each in several
        if not given
        or any(
            grant.reaches_path(places[each.location_id].path)
            and (grant.channels is None or ordered[each.order_id].channel_id in grant.channels)
            for grant in given
        )
    ]
    if not within:
        raise NoSuchFulfillment(scan.fulfillment or "")
    if len(within) > 1:
        within = [each for each in within if each.status in OPEN]
    if len(within) != 1:
        raise SeveralFulfillments(scan.fulfillment or "")
    return within[0]


def _work(
    uow: UnitOfWork,
    scan: Scan,
    packed: Mapping[str, Packed],
    of: Fulfillment,
    places: Mapping[str | UUID, Location],
) -> Work:
    """Raises: ScannedInFuture, UnknownCode, UnknownPlace."""
    if scan.scanned_at > uow.now:
        raise ScannedInFuture
    if (pack := packed.get(scan.code)) is None:
        raise UnknownCode(scan.code)
    here = places.get(scan.location or of.location_id)
    if here is None:
        raise UnknownPlace(scan.location or "")
    return Work(scan, pack, of, here)
