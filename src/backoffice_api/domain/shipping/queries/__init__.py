"""What can be asked about carriers, rates, shipments and what becomes of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.shipping.model.carriers import (
    TELLING_KINDS,
    Carrier,
    CarrierService,
    CarrierSortKey,
    CarrierStatus,
    ServiceFigures,
    ServiceSortKey,
    Surcharge,
    UnknownCarrier,
    UnknownService,
)
from backoffice_api.domain.shipping.model.freight import (
    ChargeSortKey,
    FreightCharge,
    UnknownFreightCharge,
)
from backoffice_api.domain.shipping.model.handover import (
    Manifest,
    ManifestSortKey,
    Pickup,
    PickupSortKey,
    UnknownManifest,
    UnknownPickup,
)
from backoffice_api.domain.shipping.model.quotes import Candidate, RateQuote, UnknownRateQuote
from backoffice_api.domain.shipping.model.rate_tables import (
    RateTable,
    RateTableSortKey,
    TableRow,
    TableZone,
    UnknownRateTable,
)
from backoffice_api.domain.shipping.model.shipments import (
    ENDED,
    Label,
    Shipment,
    ShipmentSortKey,
    UnknownShipment,
)
from backoffice_api.domain.shipping.tables import (
    carrier_service_figures,
    carrier_services,
    carrier_surcharges,
    carriers,
    freight_charges,
    label_tickets,
    manifests,
    pickups,
    rate_candidates,
    rate_quotes,
    rate_table_rows,
    rate_table_zones,
    rate_tables,
    shipments,
    shipping_labels,
)

carriers_by_ids = one_per(Carrier, carriers, carriers.c.id)
carriers_by_codes = one_per(Carrier, carriers, carriers.c.code)
services_by_ids = one_per(CarrierService, carrier_services, carrier_services.c.id)
services_by_carriers = many_per(
    CarrierService, carrier_services, carrier_services.c.carrier_id, carrier_services.c.code
)
surcharges_by_services = many_per(
    Surcharge,
    carrier_surcharges,
    carrier_surcharges.c.service_id,
    carrier_surcharges.c.position,
)
figures_by_services = one_per(
    ServiceFigures, carrier_service_figures, carrier_service_figures.c.service_id
)
rate_tables_by_ids = one_per(RateTable, rate_tables, rate_tables.c.id)
zones_by_tables = many_per(
    TableZone, rate_table_zones, rate_table_zones.c.table_id, rate_table_zones.c.position
)
rows_by_tables = many_per(
    TableRow,
    rate_table_rows,
    rate_table_rows.c.table_id,
    rate_table_rows.c.zone,
    rate_table_rows.c.up_to_g,
)
quotes_by_ids = one_per(RateQuote, rate_quotes, rate_quotes.c.id)
candidates_by_quotes = many_per(
    Candidate, rate_candidates, rate_candidates.c.quote_id, rate_candidates.c.position
)
shipments_by_ids = one_per(Shipment, shipments, shipments.c.id)
live_shipments_by_parcels = one_per(
    Shipment, shipments, shipments.c.parcel_id, shipments.c.status.not_in(ENDED)
)
shipments_by_fulfillments = many_per(
    Shipment, shipments, shipments.c.fulfillment_id, shipments.c.created_at, shipments.c.id
)
shipments_by_orders = many_per(
    Shipment, shipments, shipments.c.order_id, shipments.c.created_at, shipments.c.id
)
labels_by_ids = one_per(Label, shipping_labels, shipping_labels.c.id)
labels_by_shipments = many_per(
    Label, shipping_labels, shipping_labels.c.shipment_id, shipping_labels.c.created_at
)
manifests_by_ids = one_per(Manifest, manifests, manifests.c.id)
pickups_by_ids = one_per(Pickup, pickups, pickups.c.id)
charges_by_ids = one_per(FreightCharge, freight_charges, freight_charges.c.id)
charges_by_shipments = many_per(
    FreightCharge, freight_charges, freight_charges.c.shipment_id, freight_charges.c.created_at
)

carrier_list = Listing(
    Carrier,
    carriers,
    sorts={CarrierSortKey.CODE: carriers.c.code, CarrierSortKey.CREATED_AT: carriers.c.created_at},
    words={
        "status": On(carriers.c.status),
        "kind": On(carriers.c.kind),
        "code": On(carriers.c.code),
    },
    descending=False,
)
service_list = Listing(
    CarrierService,
    carrier_services,
    sorts={
        ServiceSortKey.CODE: carrier_services.c.code,
        ServiceSortKey.CREATED_AT: carrier_services.c.created_at,
    },
    words={
        "carrier_id": On(carrier_services.c.carrier_id),
        "status": On(carrier_services.c.status),
        "code": On(carrier_services.c.code),
    },
    descending=False,
)
rate_table_list = Listing(
    RateTable,
    rate_tables,
    sorts={
        RateTableSortKey.VALID_FROM: rate_tables.c.valid_from,
        RateTableSortKey.CREATED_AT: rate_tables.c.created_at,
    },
    words={
        "service_id": On(rate_tables.c.service_id),
        "valid_from": On(rate_tables.c.valid_from),
    },
)
shipment_list = Listing(
    Shipment,
    shipments,
    sorts={
        ShipmentSortKey.CREATED_AT: shipments.c.created_at,
        ShipmentSortKey.UPDATED_AT: shipments.c.updated_at,
    },
    words={
        "status": On(shipments.c.status),
        "carrier_id": On(shipments.c.carrier_id),
        "service_id": On(shipments.c.service_id),
        "order_id": On(shipments.c.order_id),
        "fulfillment_id": On(shipments.c.fulfillment_id),
        "parcel_id": On(shipments.c.parcel_id),
        "manifest_id": On(shipments.c.manifest_id),
        "number": On(shipments.c.number),
        "tracking_number": On(shipments.c.tracking_number),
        "created_at": On(shipments.c.created_at),
    },
)
manifest_list = Listing(
    Manifest,
    manifests,
    sorts={ManifestSortKey.CREATED_AT: manifests.c.created_at},
    words={
        "status": On(manifests.c.status),
        "carrier_id": On(manifests.c.carrier_id),
        "number": On(manifests.c.number),
        "created_at": On(manifests.c.created_at),
    },
)
pickup_list = Listing(
    Pickup,
    pickups,
    sorts={
        PickupSortKey.WINDOW_FROM: pickups.c.window_from,
        PickupSortKey.CREATED_AT: pickups.c.created_at,
    },
    words={
        "status": On(pickups.c.status),
        "carrier_id": On(pickups.c.carrier_id),
        "location_id": On(pickups.c.location_id),
        "window_from": On(pickups.c.window_from),
    },
)
charge_list = Listing(
    FreightCharge,
    freight_charges,
    sorts={
        ChargeSortKey.CREATED_AT: freight_charges.c.created_at,
        ChargeSortKey.VARIANCE: freight_charges.c.variance_minor,
    },
    words={
        "status": On(freight_charges.c.status),
        "carrier_id": On(freight_charges.c.carrier_id),
        "shipment_id": On(freight_charges.c.shipment_id),
        "invoice": On(freight_charges.c.invoice),
    },
    scopes={ChargeSortKey.VARIANCE.value: Scope.COSTS_READ},
)


def shipments_by_several(
    db: Connection, keys: Iterable[tuple[UUID, ...]]
) -> Mapping[tuple[UUID, ...], Sequence[Shipment]]:
    """For each tuple of ids the shipments with these ids, in its order."""
    wanted = list(keys)
    found = shipments_by_ids(db, {id for several in wanted for id in several})
    return {several: [found[id] for id in several if id in found] for several in wanted}


def charges_by_several(
    db: Connection, keys: Iterable[tuple[UUID, ...]]
) -> Mapping[tuple[UUID, ...], Sequence[FreightCharge]]:
    """For each tuple of ids the charges with these ids, in its order."""
    wanted = list(keys)
    found = charges_by_ids(db, {id for several in wanted for id in several})
    return {several: [found[id] for id in several if id in found] for several in wanted}


def telling_carriers(db: Connection) -> Sequence[Carrier]:
    """Those in use that can be asked about parcels by whoever sells us their labels."""
    asked = carriers.c.kind.in_(TELLING_KINDS), carriers.c.status == CarrierStatus.ACTIVE
    statement = select_as(Carrier, carriers).where(*asked).order_by(carriers.c.code)
    return fetch(db, Carrier, statement)


def carrier(db: Connection, id: UUID) -> Carrier:
    """The carrier `id`. Raises: UnknownCarrier."""
    if found := carriers_by_ids(db, [id]).get(id):
        return found
    raise UnknownCarrier(id).at("id")


def service(db: Connection, id: UUID) -> CarrierService:
    """The service `id`. Raises: UnknownService."""
    if found := services_by_ids(db, [id]).get(id):
        return found
    raise UnknownService(id).at("id")


def rate_table(db: Connection, id: UUID) -> RateTable:
    """The rate table `id`. Raises: UnknownRateTable."""
    if found := rate_tables_by_ids(db, [id]).get(id):
        return found
    raise UnknownRateTable(id).at("id")


def rate_quote(db: Connection, id: UUID) -> RateQuote:
    """The quote `id`. Raises: UnknownRateQuote."""
    if found := quotes_by_ids(db, [id]).get(id):
        return found
    raise UnknownRateQuote(id).at("id")


def shipment(db: Connection, id: UUID) -> Shipment:
    """The shipment `id`. Raises: UnknownShipment."""
    if found := shipments_by_ids(db, [id]).get(id):
        return found
    raise UnknownShipment(id).at("id")


def manifest(db: Connection, id: UUID) -> Manifest:
    """The manifest `id`. Raises: UnknownManifest."""
    if found := manifests_by_ids(db, [id]).get(id):
        return found
    raise UnknownManifest(id).at("id")


def pickup(db: Connection, id: UUID) -> Pickup:
    """The pickup `id`. Raises: UnknownPickup."""
    if found := pickups_by_ids(db, [id]).get(id):
        return found
    raise UnknownPickup(id).at("id")


def freight_charge(db: Connection, id: UUID) -> FreightCharge:
    """The charge `id`. Raises: UnknownFreightCharge."""
    if found := charges_by_ids(db, [id]).get(id):
        return found
    raise UnknownFreightCharge(id).at("id")


def active_services(db: Connection) -> Sequence[CarrierService]:
    """The services that can be chosen, of carriers that can be, in the order of their ids."""
    statement = (
        select_as(CarrierService, carrier_services)
        .join(carriers, carriers.c.id == carrier_services.c.carrier_id)
        .where(
            carrier_services.c.status == CarrierStatus.ACTIVE,
            carriers.c.status == CarrierStatus.ACTIVE,
        )
        .order_by(carrier_services.c.id)
    )
    return fetch(db, CarrierService, statement)


def tables_by_services(
    db: Connection, service_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[RateTable]]:
    """The rate tables of services, the one that began last first."""
    statement = (
        select_as(RateTable, rate_tables)
        .where(among(rate_tables.c.service_id, service_ids))
        .order_by(rate_tables.c.valid_from.desc(), rate_tables.c.id.desc())
    )
    found: dict[UUID, list[RateTable]] = {}
    for each in fetch(db, RateTable, statement):
        found.setdefault(each.service_id, []).append(each)
    return found


def to_hand_over(db: Connection, carrier_id: UUID, limit: int) -> Sequence[Shipment]:
    """Shipments of a carrier with a label, on no manifest, oldest first; nobody else changes
    them until the transaction ends."""
    statement = (
        select_as(Shipment, shipments)
        .where(
            shipments.c.carrier_id == carrier_id,
            shipments.c.status == "labelled",
            shipments.c.manifest_id.is_(None),
        )
        .order_by(shipments.c.id)
        .limit(limit)
        .with_for_update()
    )
    return fetch(db, Shipment, statement)


def on_manifest(db: Connection, manifest_id: UUID) -> Sequence[Shipment]:
    """What stands on a manifest, in the order of the ids."""
    statement = (
        select_as(Shipment, shipments)
        .where(shipments.c.manifest_id == manifest_id)
        .order_by(shipments.c.id)
    )
    return fetch(db, Shipment, statement)


def shipments_by_tracking(
    db: Connection, carrier_id: UUID, numbers: Collection[str]
) -> Mapping[str, Shipment]:
    """The newest shipment of a carrier with each of the tracking numbers."""
    statement = (
        select_as(Shipment, shipments)
        .where(among(shipments.c.tracking_number, numbers), shipments.c.carrier_id == carrier_id)
        .order_by(shipments.c.created_at, shipments.c.id)
    )
    return {str(each.tracking_number): each for each in fetch(db, Shipment, statement)}


def good_ticket(db: Connection, hash: str) -> Label | None:
    """The label that a ticket was made for, whether it is spent or not. None: no such ticket."""
    statement = (
        select_as(Label, shipping_labels)
        .join(label_tickets, label_tickets.c.label_id == shipping_labels.c.id)
        .where(label_tickets.c.hash == hash)
    )
    return next(iter(fetch(db, Label, statement)), None)


def charges_of_invoice(db: Connection, carrier_id: UUID, invoice: str) -> Sequence[FreightCharge]:
    """The lines of a carrier's invoice, in their order."""
    of = freight_charges.c
    mine = of.carrier_id == carrier_id, of.invoice == invoice
    statement = select_as(FreightCharge, freight_charges).where(*mine).order_by(of.position)
    return fetch(db, FreightCharge, statement)


def invoice_recorded(db: Connection, carrier_id: UUID, invoice: str) -> bool:
    """Whether charges of this invoice were recorded before."""
    statement = (
        select(freight_charges.c.id)
        .where(freight_charges.c.carrier_id == carrier_id, freight_charges.c.invoice == invoice)
        .limit(1)
    )
    return db.execute(statement).first() is not None
