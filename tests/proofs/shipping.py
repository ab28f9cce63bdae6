"""What the office needs of shipping: examples of its inputs, and things to do them on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from uuid import UUID

from backoffice_api.adapters.carriers.finding import KnownCarriers
from backoffice_api.adapters.label_storage import LabelFiles
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.execute import execute
from backoffice_api.domain.fulfillment.model.fulfillments import DispatchGate
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.shipping.commands.labels import BUY_JOB
from backoffice_api.domain.shipping.commands.purchases import DoubtPurchase
from backoffice_api.domain.shipping.commands.settling import OF_SHIPMENTS
from backoffice_api.tasks.shipping import tasks_of
from tests.shipping.desk import Pack, pack

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "CarrierServiceUpdateInput": ("name",),
    "CarrierUpdateInput": ("name",),
    "LabelResolveInput": ("trackingNumber",),
    "RateQuoteCreateInput": ("destination", "weightG"),
    "RateTableUpdateInput": ("name",),
    "ShipmentUpdateInput": ("serviceId",),
}

SENDER = {"name": "Shop", "lines": ["Rua 1"], "city": "Santos", "country": "BR"}
SOON, LATER = "2998-01-01T08:00:00Z", "2998-01-01T10:00:00Z"


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Dispatch(office).examples()


def run(office: "Office", handler: Any, command: Any) -> Any:
    """What a command comes to that the system runs."""
    now = datetime.now(UTC)
    return execute(office.database, handler, command, caller=THE_SYSTEM, now=now).value


class _Dispatch:
    """A carrier with a table, a place, and packed parcels of an order."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        self.place = office._id("locationCreate", "location", input={"code": "OUT", "name": "Out"})
        self.carrier = self._carrier("DISPATCH")
        self.service = self._service("std")
        table = {
            "serviceId": self.service,
            "name": "Rates",
            "validFrom": "2020-01-01",
            "zones": [{"code": "BR", "country": "BR"}],
            "rows": [
                {"zone": "BR", "upToG": 5_000, "price": {"amount": "4.00", "currency": "EUR"}}
            ],
        }
        self.table = office._id("rateTableCreate", "rateTable", input=table)
        self.parcels = [ids.text("pcl", each) for each in self._packed()]

    def examples(self) -> dict[str, Any]:
        return {**self._carriers(), **self._shipments(), **self._handover(), **self._freight()}

    def _carrier(self, code: str) -> str:
        given = {"code": code, "name": code, "kind": "TABLE_RATE", "currency": "EUR"}
        return self.office._id("carrierCreate", "carrier", input={**given, "sender": SENDER})

    def _service(self, code: str) -> str:
        given = {"carrierId": self.carrier, "code": code, "name": code}
        days = {"transitDaysMin": 1, "transitDaysMax": 2}
        return self.office._id("carrierServiceCreate", "service", input={**given, **days})

    def _packed(self) -> tuple[UUID, ...]:
        address = {"recipient": "Ana", "lines": ["Rua 2"], "city": "São Paulo", "country": "BR"}
        given = {
            "channel": {"code": "web"},
            "lines": [{"sku": "MUG", "quantity": 1}],
            "shippingAddress": address,
            "place": True,
        }
        order = self.office._id("orderCreate", "order", input=given)
        command = Pack(
            order_id=ids.parse("ord", order),
            location_id=ids.parse("loc", self.place),
            weights=(800,) * 6,
            gate=DispatchGate.NOT_REQUIRED,
        )
        made: tuple[UUID, ...] = self._run(pack, command)
        return made[1:]

    def _run(self, handler: Any, command: Any) -> Any:
        return run(self.office, handler, command)

    def _carriers(self) -> dict[str, Any]:
        old, old_service = self._carrier("OLDCARRIER"), self._service("old")
        self.office.do("carrierArchive", id=old)
        self.office.do("carrierServiceArchive", id=old_service)
        return {
            "carrier.id": self.carrier,
            **{f"carrier{verb}.id": self.carrier for verb in ("Update", "Archive")},
            "carrierRestore.id": old,
            **{f"carrierService{verb}.id": self.service for verb in ("Update", "Archive")},
            "carrierServiceRestore.id": old_service,
            "CarrierCreateInput.code": "NEWCARRIER",
            "CarrierServiceCreateInput.carrierId": self.carrier,
            "ShippingSenderInput.country": "BR",
            "PostalAreaInput.country": "BR",
            "RateDestinationInput.country": "BR",
            "RateZoneInput.country": "BR",
            "RateTableCreateInput.serviceId": self.service,
            "rateTable.id": self.table,
            **{f"rateTable{verb}.id": self.table for verb in ("Update", "SetRows")},
        }

    def _shipment(self, *, bought: bool = False) -> str:
        given = {"serviceId": self.service, "parcels": [{"parcelId": self.parcels.pop()}]}
        made = self.office.do("shipmentCreate", "shipments { id }", input=given)
        id: str = made[0]["id"]
        if bought:
            self.office.do("labelBuy", id=id, input={})
            folder = Path(mkdtemp())
            storage = LabelFiles(LocalFolder(folder / "labels"))
            tasks = tasks_of(self.office.database, KnownCarriers(folder, None), storage)
            tasks[BUY_JOB].work({"id": id}, lambda *_: True)
        return id

    def _shipments(self) -> dict[str, Any]:
        draft, self.labelled, self.listed = (
            self._shipment(),
            self._shipment(bought=True),
            self._shipment(bought=True),
        )
        unclear = self._shipment()
        self.office.do("labelBuy", id=unclear, input={})
        id = ids.parse("shm", unclear)
        self._run(OF_SHIPMENTS.doubt, DoubtPurchase(id=id, key=f"{id.hex}1", trouble="No answer"))
        destination = {"country": "BR"}
        quote = {"currency": "EUR", "destination": destination, "weightG": 100}
        return {
            "shipment.id": draft,
            **{f"shipment{verb}.id": draft for verb in ("Update", "Cancel")},
            "labelBuy.id": draft,
            "labelResolve.id": unclear,
            **{f"label{verb}.id": self.labelled for verb in ("Void", "Reprint")},
            "ShipmentUpdateInput.serviceId": self.service,
            "ShipmentCreateInput.serviceId": self.service,
            "ShipmentParcelInput.parcelId": self.parcels.pop(),
            "rateQuote.id": self.office._id("rateQuoteCreate", "quote", input=quote),
        }

    def _handover(self) -> dict[str, Any]:
        given = {"carrierId": self.carrier, "shipmentIds": [self.listed]}
        manifest = self.office._id("manifestCreate", "manifest", input=given)
        visit = {
            "carrierId": self.carrier,
            "locationId": self.place,
            "windowFrom": SOON,
            "windowUntil": LATER,
            "pieces": 1,
            "weightG": 1,
        }
        pickup = self.office._id("pickupRequest", "pickup", input=visit)
        return {
            **{f"manifest{verb}.id": manifest for verb in ("Add", "Remove", "Close", "Cancel")},
            "ManifestCreateInput.carrierId": self.carrier,
            "ManifestAddInput.shipmentIds": [self.labelled],
            "ManifestRemoveInput.shipmentIds": [self.listed],
            **{f"pickup{verb}.id": pickup for verb in ("Confirm", "Cancel")},
            "PickupRequestInput.carrierId": self.carrier,
            "PickupRequestInput.locationId": self.place,
            "PickupRequestInput.windowFrom": SOON,
            "PickupRequestInput.windowUntil": LATER,
        }

    def _freight(self) -> dict[str, Any]:
        charge = {"trackingNumber": "unknown", "amount": {"amount": "1.00", "currency": "EUR"}}
        given = {"carrierId": self.carrier, "invoice": "I-1", "charges": [charge]}
        (made,) = self.office.do("freightChargesRecord", "charges { id }", input=given)
        return {
            **{f"freightCharge{verb}.id": made["id"] for verb in ("Accept", "Dispute")},
            "FreightChargesRecordInput.carrierId": self.carrier,
        }
