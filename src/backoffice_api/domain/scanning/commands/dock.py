"""What came in and was inspected while a device was offline: each scan is done once, or refused.

First what came of purchase orders, then what was inspected, then what moved that is not sellable;
only then what moves among sellable pieces (`scans`). So a batch may take in, inspect and put away
the same pieces, in whichever order it says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.commands.receiving import ReceivePurchase, receive_purchase
from backoffice_api.domain.purchasing.commands.scans import ReceivedLine
from backoffice_api.domain.purchasing.model.orders import PurchaseOrder
from backoffice_api.domain.scanning.commands.naming import Found, named_by
from backoffice_api.domain.scanning.commands.together import apart
from backoffice_api.domain.scanning.model.devices import Device
from backoffice_api.domain.scanning.model.dock import NoSuchPurchaseOrder, NotAnOutcome
from backoffice_api.domain.scanning.model.scans import Scan, ScanKind
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.capacity import Added, overfilled
from backoffice_api.domain.stock.commands.moves import move
from backoffice_api.domain.stock.model.buckets import SHELVED, Bucket, WrongBucket
from backoffice_api.domain.stock.model.levels import LINES_MAX, MoveLine
from backoffice_api.domain.stock.model.locations import Location
from backoffice_api.domain.stock.model.lots import InsufficientLot, Lot, LotDraft, Tracking
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.queries.lots import lots_by_codes, tracking_by_variants

# So many scans are done at once, if all can be.
_TOGETHER_MAX = min(100, LINES_MAX)


@dataclass(frozen=True, slots=True)
class Came:
    """A scan with what it names. `of`: the purchase order, None: of none. `lot_code`: its lot."""

    found: Found
    of: PurchaseOrder | None
    lot_code: str | None = None
    lot: Lot | None = None

    @property
    def key(self) -> tuple[int, UUID | None]:
        """What is done at once."""
        if self.of is not None:
            return 0, self.of.id
        return (1 if self.found.scan.kind is ScanKind.INSPECT else 2), None


@dataclass(slots=True)
class Dock:
    """What was done, and which are refused, by their identity. `lots`: by it, too."""

    done: list[Found] = field(default_factory=list)
    refused: dict[int, DomainError] = field(default_factory=dict)
    lots: dict[int, Lot] = field(default_factory=dict)
    overfilled: set[UUID] = field(default_factory=set)


def work_at_dock(
    uow: UnitOfWork, device: Device, given: Sequence[Scan], known: dict[int, str]
) -> Dock:
    """Take in, inspect and move what was scanned, which is not, or not yet, sellable.

    `known`: digests by the numbers that are used up, to which those of what is done are added. To
    be called before any other stock is locked.

    Raises:
        NotAllowed: the caller may not take in goods.
    """
    dock = Dock()
    if not given:
        return dock
    came = _named(uow, device, given, dock)
    refused: dict[int, DomainError] = {}
    first = {each.found.scan.sequence: each for each in reversed(came)}
    once = [first[number] for number in sorted(first)]
    once.sort(key=lambda each: (each.key[0], str(each.key[1])))
    for _, alike in groupby(once, lambda each: each.key):
        group = list(alike)
        for start in range(0, len(group), _TOGETHER_MAX):
            act = partial(_do, device=device, dock=dock)
            for each, refusal in apart(uow, act, group[start : start + _TOGETHER_MAX]):
                if refusal is None:
                    dock.done.append(each.found)
                else:
                    refused[each.found.scan.sequence] = refusal
    for each in came:
        if refusal := refused.get(each.found.scan.sequence):
            dock.refused[id(each.found.scan)] = refusal
    known |= {each.scan.sequence: each.scan.digest for each in dock.done}
    return dock


def _named(uow: UnitOfWork, device: Device, given: Sequence[Scan], dock: Dock) -> Sequence[Came]:
    """The scans with what they name; why others cannot be, is noted."""
    orders = _orders(uow, given)
    places = stock.locations_by_ids(uow.db, {each.location_id for each in orders.values()})
    # What came of an order came where the order says, whatever the scan does.
    at = {
        id(scan): replace(scan, location=ids.text("loc", order.location_id))
        for scan in given
        if (order := orders.get(scan.purchase_order or ""))
    }
    as_given = {id(stands): scan for scan in given if (stands := at.get(id(scan), scan))}
    refused: dict[int, DomainError] = {}
    found = named_by(uow, device, [at.get(id(scan), scan) for scan in given], refused)
    dock.refused |= {id(as_given[key]): refusal for key, refusal in refused.items()}
    tracking = tracking_by_variants(uow.db, {each.packed.variant.id for each in found})
    came = []
    for each in found:
        scan = as_given[id(each.scan)]
        try:
            order = _order_of(uow, scan, orders, places)
            _check(scan)
            code = each.lot_code(tracking.get(each.packed.variant.id, Tracking.NONE))
        except DomainError as refusal:
            dock.refused[id(scan)] = refusal
            continue
        came.append(Came(replace(each, scan=scan), order, code))
    return _with_lots(uow, came, tracking, dock)


def _with_lots(
    uow: UnitOfWork, came: Sequence[Came], tracking: Mapping[UUID, Tracking], dock: Dock
) -> Sequence[Came]:
    codes = {(x.found.packed.variant.id, x.lot_code) for x in came if x.lot_code is not None}
    wanted = {(variant_id, code) for variant_id, code in codes if code is not None}
    known = lots_by_codes(uow.db, wanted, tracking) if wanted else {}
    found = []
    for each in came:
        scan = each.found.scan
        if each.lot_code is None or each.of is not None:
            found.append(each)
        elif lot := known.get((each.found.packed.variant.id, each.lot_code)):
            dock.lots[id(scan)] = lot
            found.append(replace(each, lot=lot))
        else:
            dock.refused[id(scan)] = InsufficientLot(each.lot_code, abs(each.found.pieces), 0)
    return found


def _orders(uow: UnitOfWork, given: Sequence[Scan]) -> Mapping[str, PurchaseOrder]:
    """The purchase orders that the scans name, by number or id."""
    named = {scan.purchase_order for scan in given if scan.purchase_order}
    if any(scan.kind is ScanKind.RECEIVE_PURCHASE for scan in given):
        uow.require(Scope.PURCHASING_WRITE)
    own = {name: parts[1] for name in named if (parts := ids.split(name)) and parts[0] == "por"}
    by_id = purchasing.orders_by_ids(uow.db, own.values()) if own else {}
    found = dict(purchasing.orders_by_numbers(uow.db, named)) if named else {}
    return {**found, **{name: by_id[key] for name, key in own.items() if key in by_id}}


def _order_of(
    uow: UnitOfWork,
    scan: Scan,
    orders: Mapping[str, PurchaseOrder],
    places: Mapping[UUID, Location],
) -> PurchaseOrder | None:
    """The order that pieces came of; one that is out of reach is none.

    Raises: NoSuchPurchaseOrder.
    """
    if scan.kind is not ScanKind.RECEIVE_PURCHASE:
        return None
    order = orders.get(scan.purchase_order or "")
    given = uow.caller.reach.of(Scope.PURCHASING_WRITE)
    if order is None or (
        given and not any(each.reaches_path(places[order.location_id].path) for each in given)
    ):
        raise NoSuchPurchaseOrder(scan.purchase_order or "")
    return order


def _check(scan: Scan) -> None:
    """Raises: WrongBucket, NotAnOutcome."""
    if scan.bucket is not None and scan.bucket not in SHELVED:
        raise WrongBucket(scan.bucket)
    if scan.kind is ScanKind.INSPECT:
        outcome = scan.to_bucket or Bucket.SELLABLE
        if outcome not in SHELVED or outcome is (scan.bucket or Bucket.QUALITY_CHECK):
            raise NotAnOutcome(outcome)


def _do(uow: UnitOfWork, together: Sequence[Came], *, device: Device, dock: Dock) -> None:
    if (order := together[0].of) is not None:
        _receive(uow, order, together)
        return
    lines, full = [_line(each) for each in together], frozenset[UUID]()
    moving = [each for each in lines if each.to_location_id != each.from_location_id]
    if moving:
        # One after the other: what leaves a place makes room for what comes.
        added = [Added(x.from_location_id, x.variant_id, -x.quantity) for x in moving]
        added += [Added(x.to_location_id, x.variant_id, x.quantity) for x in moving]
        refusals, full = overfilled(uow, added)
        if refusal := next(filter(None, refusals), None):
            raise refusal
    move(uow, lines, cause=Cause("dev", device.id))
    dock.overfilled |= full


def _line(each: Came) -> MoveLine:
    scan, found = each.found.scan, each.found
    is_inspected = scan.kind is ScanKind.INSPECT
    source = scan.bucket or (Bucket.QUALITY_CHECK if is_inspected else Bucket.SELLABLE)
    return MoveLine(
        variant_id=found.packed.variant.id,
        from_location_id=found.here.id,
        to_location_id=found.there.id if found.there else found.here.id,
        quantity=found.pieces,
        from_bucket=source,
        to_bucket=(scan.to_bucket or Bucket.SELLABLE) if is_inspected else source,
        lot_id=each.lot.id if each.lot else None,
    )


def _receive(uow: UnitOfWork, order: PurchaseOrder, together: Sequence[Came]) -> None:
    today = uow.now.date()
    lines = tuple(
        ReceivedLine(
            scan=each.found.packed.variant.sku,
            accepted=each.found.pieces,
            bucket=each.found.scan.bucket or Bucket.SELLABLE,
            lot=LotDraft(code=each.lot_code, expires_on=each.found.expires_on(today))
            if each.lot_code
            else None,
        )
        for each in together
    )
    latest = max(each.found.scan.scanned_at for each in together)
    receive_purchase(uow, ReceivePurchase(id=order.id, lines=lines, received_at=latest))
