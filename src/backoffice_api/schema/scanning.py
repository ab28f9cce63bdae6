"""Codes, devices, scans and tasks on the wire."""

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import PackLevel
from backoffice_api.domain.scanning import queries
from backoffice_api.domain.scanning.model import codes, devices, scans, tasks
from backoffice_api.domain.scanning.model.codes import CodeKind
from backoffice_api.domain.scanning.model.devices import DeviceSortKey, DeviceStatus
from backoffice_api.domain.scanning.model.scans import ScanKind, ScanStatus
from backoffice_api.domain.scanning.model.tasks import TaskKind
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.queries.lots import lots_by_ids
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import one
from backoffice_api.schema.lots import Lot
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.stock import Location

READ = Scope.STOCK_READ

for _choices in (CodeKind, DeviceSortKey, DeviceStatus, ScanKind, ScanStatus, TaskKind):
    choice(_choices)


def _subject(parent: codes.Candidate | tasks.Task) -> str:
    return parent.subject


@described
class Gs1Element:
    """One part of a GS1 element string."""

    ai: str = about("Its application identifier, as 01, 10 or 3103.")
    value: str = about("What it says, as it is written.")


@described
class CodeCandidate:
    """Something that a code may mean."""

    kind: CodeKind = about("By what it was found.")
    quantity: int = about(
        "Pieces that one scan stands for: what the pack holds, times the count that the code says."
    )
    level: PackLevel | None = about("What kind of pack it is. Null if it is no pack.")

    node: Node | None = linked_node(_subject, "What the code means.")


@described
class CodeResolution:
    """What a code says, and what it may mean."""

    code: str = about("The code, without spaces around it.")
    elements: list[Gs1Element] = about(
        "Its parts, if it is a GS1 element string or a GS1 Digital Link; at most 250."
    )
    gtin: str | None = about("The GTIN in it, with 14 digits. Null if there is none.")
    sscc: str | None = about("Number of a pallet or parcel. Null if there is none.")
    gln: str | None = about("Number of a place or a company. Null if there is none.")
    lot: str | None = about("Batch or lot. Null if it says none.")
    serial: str | None = about("Serial number. Null if it says none.")
    count: int | None = about("How many are in it. Null if it does not say.")
    net_weight_kg: Decimal | None = about("Net weight in kilograms. Null if it does not say.")
    produced_on: date | None = about("When it was made. Null if it does not say.")
    packed_on: date | None = about("When it was packed. Null if it does not say.")
    best_before: date | None = about("Until when it is at its best. Null if it does not say.")
    expires_on: date | None = about("Until when it may be used. Null if it does not say.")
    candidates: list[CodeCandidate] = about(
        "What it may mean, the likeliest first; at most 49. What the caller may not see is missing."
    )


@node("dev", devices.Device, queries.devices_by_ids, scope=READ)
class Device(Node, Versioned, HasTimeline):
    """A scanner or a phone that sends what it has scanned."""

    code: str = about("Its short name, unique.")
    name: str = about("Its name.")
    status: DeviceStatus = about("Whether it may be used.")
    actions: list[ActionState] = about("What can be done with it now.")
    location: Location | None = one(
        stock.locations_by_ids,
        "location_id",
        "Where it is used: where a scan was made that names no location. Null: anywhere.",
    )

    @strawberry.field(description="Who alone may send what it has scanned.")
    def bound_to(parent: strawberry.Parent[devices.Device]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


@described
class Task:
    """Something that is open for whoever holds a device."""

    kind: TaskKind = about("What is to be done.")
    title: str = about("What it is about, as the number of an order. Empty if it has no name.")
    quantity: int | None = about("Pieces that are to be handled. Null if that is not known.")
    since: datetime = about("Since when it is open.")

    bucket: Bucket | None = about(
        "In which condition the pieces are. Null: sellable, or no matter."
    )

    subject: Node | None = linked_node(_subject, "What it is about.")
    variant: Variant | None = one(
        products.variants_by_ids,
        "variant_id",
        "Which pieces. Null: of several variants.",
        scope=Scope.PRODUCTS_READ,
    )
    lot: Lot | None = one(lots_by_ids, "lot_id", "Of which lot. Null: of any, or they have none.")
    from_location: Location | None = one(
        stock.locations_by_ids, "from_location_id", "Where they are. Null: see the subject."
    )
    to_location: Location | None = one(
        stock.locations_by_ids, "to_location_id", "Where they are to go. Null: nowhere else."
    )


@described
class ScanResult:
    """What became of one scan."""

    sequence: int = about("The number that the device gave it.")
    status: ScanStatus = about("What became of it.")
    refusal: str | None = about("Stable name of the reason, as INSUFFICIENT_STOCK. Null if none.")
    message: str | None = about("The reason in words. Null if there is none.")
    warning: str | None = about(
        "What is amiss though it was done, as LOCATION_FULL. Null: nothing."
    )


@filter_input
class DeviceFilter:
    """Which devices. All words that are given must hold."""

    status: list[DeviceStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)
    created_at: DateTimeFilter | None = about("Registered at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of devices.")
class DeviceSort:
    key: DeviceSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one device, in one of these ways.")
class DeviceLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    code: str | None = about("By its code.", default=UNSET)


@strawberry.input(description="A device that is to be known, bound to a token or a person.")
class DeviceRegisterInput:
    code: str = about("Its short name, unique, at most 80 characters.")
    name: str = about("Its name, at most 250 characters.")
    token_id: strawberry.ID | None = about("The token that it uses.", default=None)
    staff_id: strawberry.ID | None = about("Who uses it; either this or a token.", default=None)
    location_id: strawberry.ID | None = about("Where it is used. Null: anywhere.", default=None)


@strawberry.input(description="One scan, under the number that the device gave it.")
class ScanInput:
    sequence: int = about("The device numbers its scans, from 1. Never used twice.")
    kind: ScanKind = about("What was done with what was scanned.")
    code: str = about("What was read, or an SKU or id of a variant; at most 500 characters.")
    quantity: int = about(
        "How many of what carries the code; for ADJUST the difference, for COUNT all there were.",
        default=1,
    )
    location: str | None = about(
        "Where, by code or id. Null: where the device is used; for PICK, where it is promised.",
        default=None,
    )
    to_location: str | None = about("Where pieces were moved to, by code or id.", default=None)
    fulfillment: str | None = about(
        "Of which fulfillment a PICK or PACK is, by number or id.", default=None
    )
    parcel: str | None = about(
        "Into which parcel a PACK went, by code or id. A code that no parcel has begins one.",
        default=None,
    )
    scanned_at: datetime = about("When, by the clock of the device.")
    lot: str | None = about(
        "Lot or serial number, of what is told apart by these, if the code does not say it.",
        default=None,
    )

    purchase_order: str | None = about(
        "Of which purchase order a RECEIVE_PURCHASE is, by number or id.", default=None
    )
    bucket: Bucket | None = about(
        "In which condition the pieces are that are moved or inspected, or come in. Null: "
        "sellable; of an INSPECT, waiting for it.",
        default=None,
    )
    to_bucket: Bucket | None = about("What an INSPECT came to. Null: sellable.", default=None)

    def value(self) -> scans.Scan:
        return scans.Scan(
            sequence=self.sequence,
            kind=self.kind,
            code=self.code,
            quantity=self.quantity,
            location=self.location,
            to_location=self.to_location,
            scanned_at=self.scanned_at,
            fulfillment=self.fulfillment,
            parcel=self.parcel,
            lot=self.lot,
            purchase_order=self.purchase_order,
            bucket=self.bucket,
            to_bucket=self.to_bucket,
        )


@strawberry.input(description="What a device has scanned.")
class ScanBatchInput:
    scans: list[ScanInput] = about("At most 2,000, in any order.")


@payload
class DevicePayload(MutationPayload):
    """What a mutation of a device answers."""

    device: Device | None = one(
        queries.devices_by_ids, "value", "The device as it is now. Null if it was refused."
    )


@payload
class ScanBatchPayload(MutationPayload):
    """What a batch of scans answers."""

    device: Device | None = one(
        queries.devices_by_scanned, "value", "The device. Null if the batch was refused."
    )

    @strawberry.field(
        description="What became of each scan, in the order given. Empty if the batch was refused."
    )
    def results(parent: strawberry.Parent[Outcome]) -> list[ScanResult]:
        scanned: scans.Scanned | None = parent.value
        return list(scanned.outcomes) if scanned else []  # type: ignore[arg-type]
