"""A shop whose parcels are packed, carriers, and a worker that does what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from backoffice_api.adapters.carriers.fake import FakeCarrier
from backoffice_api.adapters.carriers.finding import KnownCarriers
from backoffice_api.adapters.label_storage import LabelFiles
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.fulfillment.model.fulfillments import (
    DispatchGate,
    Fulfillment,
    FulfillmentState,
    Parcel,
)
from backoffice_api.domain.fulfillment.queries import fulfillments_by_ids
from backoffice_api.domain.fulfillment.tables import fulfillments, parcels
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.jobs import JobStatus, jobs
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.checks import CHECKS
from backoffice_api.domain.shipping.commands.carrier_services import (
    CreateCarrierService,
    create_service,
)
from backoffice_api.domain.shipping.commands.carriers import CreateCarrier, create_carrier
from backoffice_api.domain.shipping.commands.labels import BuyLabel, buy_label
from backoffice_api.domain.shipping.commands.rate_tables import CreateRateTable, create_rate_table
from backoffice_api.domain.shipping.commands.shipments import CreateShipments, create_shipments
from backoffice_api.domain.shipping.model.carriers import CarrierKind, Sender
from backoffice_api.domain.shipping.model.rate_tables import RowDraft
from backoffice_api.domain.shipping.model.rating import Zone
from backoffice_api.domain.shipping.model.shipments import ParcelToSend, Shipment
from backoffice_api.domain.shipping.ports import Carriers
from backoffice_api.tasks.shipping import tasks_of
from backoffice_api.worker import Worker
from tests.orders.shop import Shop, address, euros, goods
from tests.soundness import broken
from tests.world import NOW, World

SENDER = Sender("Backoffice Ltda", ("Rua do Porto 7",), "Santos", "SP", "11010-000", "BR")
ZONES = (
    Zone("SP", "BR", postal_from="01000", postal_to="19999"),
    Zone("BR", "BR"),
    Zone("EU", "PT"),
    Zone("EU", "ES"),
)
ROWS = (
    RowDraft(zone="SP", up_to_g=1_000, price=euros(500)),
    RowDraft(zone="SP", up_to_g=5_000, price=euros(900), step_g=1_000, step_price=euros(100)),
    RowDraft(zone="BR", up_to_g=10_000, price=euros(2_000)),
    RowDraft(zone="EU", up_to_g=30_000, price=euros(4_000)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack(Command):
    """What the hall has done for an order: parcels of so many grams."""

    scope = Scope.SHIPPING_WRITE
    order_id: UUID
    location_id: UUID
    weights: tuple[int | None, ...]
    gate: DispatchGate


class Desk:
    """Has a table-rate carrier; others are made when a test asks for them."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.shop = Shop(world)
        self.folder = folder
        self.storage = LabelFiles(LocalFolder(folder / "labels"))
        self.carriers: Carriers = KnownCarriers(folder / "fake-carriers", None)
        self.hour = datetime.now(UTC)
        self.shop.variant("MUG", 1_000)
        self.carrier = self.new_carrier("LOCAL")
        self.service = self.new_service(self.carrier, "std")
        self.table = self.run(
            create_rate_table,
            CreateRateTable(
                service_id=self.service,
                name="2025",
                valid_from=date(2025, 1, 1),
                zones=ZONES,
                rows=ROWS,
            ),
        )

    def run(self, handler: Any, command: Any, **how: Any) -> Any:
        return self.world.run(handler, command, **how).value

    def new_carrier(
        self, code: str, kind: CarrierKind = CarrierKind.TABLE_RATE, **more: Any
    ) -> UUID:
        given = {"currency": "EUR", "time_zone": "America/Sao_Paulo", **more}
        command = CreateCarrier(
            code=code, name=f"Carrier {code}", kind=kind, sender=SENDER, **given
        )
        id: UUID = self.run(create_carrier, command)
        return id

    def new_service(self, carrier_id: UUID, code: str, **more: Any) -> UUID:
        given = {"transit_days_min": 1, "transit_days_max": 3, **more}
        command = CreateCarrierService(carrier_id=carrier_id, code=code, name=code, **given)
        id: UUID = self.run(create_service, command)
        return id

    def fake(self, code: str = "FAKE") -> tuple[UUID, FakeCarrier]:
        """A service of a fake carrier, and the carrier itself."""
        id = self.new_carrier(code, CarrierKind.FAKE)
        port = self.carriers.of(self.world.read(queries.carriers_by_ids, [id])[id])
        assert isinstance(port, FakeCarrier)
        return self.new_service(id, "parcel"), port

    def carrier_of(self, service_id: UUID) -> UUID:
        found: UUID = self.world.read(queries.services_by_ids, [service_id])[service_id].carrier_id
        return found

    def pack(
        self, *weights: int | None, gate: DispatchGate = DispatchGate.NOT_REQUIRED
    ) -> tuple[UUID, Sequence[UUID]]:
        """A packed fulfillment, and its parcels of so many grams each."""
        order_id = self.shop.place(goods("MUG"), shipping_address=address())
        command = Pack(
            order_id=order_id,
            location_id=self.shop.locations[0],
            weights=weights or (800,),
            gate=gate,
        )
        made: tuple[UUID, ...] = self.run(pack, command)
        return made[0], made[1:]

    def ship(self, service_id: UUID | None = None, weight_g: int = 800) -> UUID:
        """A shipment, without a label."""
        _, (parcel,) = self.pack(weight_g)
        return self.ship_parcel(parcel, service_id)

    def ship_parcel(self, parcel: UUID, service_id: UUID | None = None) -> UUID:
        command = CreateShipments(
            service_id=service_id or self.service, parcels=(ParcelToSend(parcel_id=parcel),)
        )
        (id,) = self.run(create_shipments, command)
        return id

    def labelled(self, service_id: UUID | None = None) -> UUID:
        id = self.ship(service_id)
        self.run(buy_label, BuyLabel(id=id))
        self.work()
        return id

    def work(self) -> int:
        """Do all that waits, whenever it is due. How many jobs failed."""
        # Each time a while has passed, so that nobody can still be calling.
        self.hour += timedelta(minutes=5)
        tasks = tasks_of(self.world.database, self.carriers, self.storage, lambda: self.hour)
        worker = Worker(self.world.database, {}, tasks)
        with self.world.database.writing.begin() as db:
            waiting = jobs.c.status == JobStatus.QUEUED
            db.execute(update(jobs).where(waiting).values(run_at=NOW - timedelta(days=1)))
        while worker.work(NOW):
            pass
        with self.world.database.reading.connect() as db:
            statement = select(jobs.c.kind).where(jobs.c.error.is_not(None), jobs.c.run_at > NOW)
            return len(db.execute(statement).all())

    def deliver(self, id: UUID, *, days: int) -> None:
        """Have the parcel of a shipment arrive, so many days from now."""
        mine = parcels.c.id == self.shipment(id).parcel_id
        with self.world.database.writing.begin() as db:
            at = {"shipped_at": NOW, "delivered_at": NOW + timedelta(days=days)}
            db.execute(update(parcels).where(mine).values(at))

    def shipment(self, id: UUID) -> Shipment:
        found: Mapping[UUID, Shipment] = self.world.read(queries.shipments_by_ids, [id])
        return found[id]

    def fulfillment(self, id: UUID) -> Fulfillment:
        found: Mapping[UUID, Fulfillment] = self.world.read(fulfillments_by_ids, [id])
        return found[id]

    def broken(self) -> list[str]:
        """Ids of the checks that do not hold."""
        return broken(self.world.database, CHECKS)


def pack(uow: UnitOfWork, command: Pack) -> tuple[UUID, ...]:
    """What the context of fulfillment does, without the way through the hall."""
    made = Fulfillment(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        order_id=command.order_id,
        location_id=command.location_id,
        number=f"F{uow.new_id().hex[-12:]}",
        status=FulfillmentState.PACKED,
        dispatch_gate=command.gate,
        ship_by=None,
        deliver_by=None,
        shipped_at=None,
        delivered_at=None,
    )
    add(uow, fulfillments, [made])
    boxes = [
        Parcel(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            fulfillment_id=made.id,
            order_id=made.order_id,
            code=f"{made.number}-{number}",
            weight_g=weight,
            length_mm=None,
            width_mm=None,
            height_mm=None,
            shipped_at=None,
            delivered_at=None,
        )
        for number, weight in enumerate(command.weights, start=1)
    ]
    add(uow, parcels, boxes)
    return (made.id, *(each.id for each in boxes))
