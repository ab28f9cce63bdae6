"""What shipping needs of the outside: carriers, and a place for the files of labels.

A carrier may fail in two ways, and it matters which. `CarrierRefusal`: it has said no, so nothing
was sold. `CarrierSilent`: there was no answer, or none that can be read, so nobody knows. What is
called here is called outside of any transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.orders.model.orders import OrderAddress
from backoffice_api.domain.shipping.model.carriers import Carrier, CarrierService
from backoffice_api.domain.shipping.model.handover import Manifest, Pickup
from backoffice_api.domain.shipping.model.rating import PriceLine
from backoffice_api.domain.shipping.model.shipments import LabelFormat, Shipment


class CarrierRefusal(Exception):
    """The carrier has said no: nothing was sold, changed or given back.

    `code`: what it calls the reason, if it names any; `status`: that of HTTP, if it was asked so.
    """

    def __init__(self, said: str = "", *, code: str | None = None, status: int | None = None):
        super().__init__(said)
        self.code = code
        self.status = status


class CarrierSilent(Exception):
    """No answer, or none that can be read: whatever was asked may have been done or not."""


@dataclass(frozen=True, slots=True)
class RateRequest:
    """A parcel to be priced, in one currency. `services`: the codes of those that are in use."""

    country: str
    region: str | None
    postal_code: str | None
    city: str | None
    weight_g: int
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    value_minor: int
    currency: str
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CarrierRate:
    """What a carrier asks for one of its services. `promised_on` None: it does not say."""

    service_code: str
    currency: str
    lines: tuple[PriceLine, ...]
    promised_on: date | None


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A label as the carrier made it."""

    format: LabelFormat
    content: bytes


class Consignment(Protocol):
    """What a carrier carries: a parcel of ours to a customer, or one that comes back.

    `destination`: where the customer is. `cost_minor`: typed, where nobody can be asked.
    """

    @property
    def id(self) -> UUID: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def number(self) -> str: ...
    @property
    def destination(self) -> OrderAddress: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def weight_g(self) -> int: ...
    @property
    def length_mm(self) -> int | None: ...
    @property
    def width_mm(self) -> int | None: ...
    @property
    def height_mm(self) -> int | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def value(self) -> Money: ...
    @property
    def cash(self) -> Money: ...
    @property
    def quoted_minor(self) -> int | None: ...
    @property
    def cost_minor(self) -> int | None: ...
    @property
    def purchase_key(self) -> str | None: ...
    @property
    def tracking_number(self) -> str | None: ...
    @property
    def carrier_reference(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class DeclaredItem:
    """So many pieces of a thing, and what each is worth."""

    title: str
    quantity: int
    worth: Money


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the law wants to know of a parcel: who gets it, and what lies in it.

    `tax_id`: of the customer (CPF or CNPJ). `fiscal_key`: the key of the authorised invoice that
    goes with it (NF-e); without one, its contents are declared instead.
    """

    tax_id: str | None = None
    fiscal_key: str | None = None
    items: tuple[DeclaredItem, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """A label to be bought under `key`. `is_return`: the customer sends, and we get it.

    `declaration` only for carriers that are to be told (`DECLARING_KINDS`).
    """

    key: str
    shipment: Consignment
    service: CarrierService
    is_return: bool = False
    declaration: Declaration = Declaration()


@dataclass(frozen=True, slots=True)
class Purchase:
    """A label that was bought. `cost_minor` None: the carrier does not say.

    `drop_off_code`: what the customer shows where they hand it over, if the carrier gives one;
    there may be no label then.
    """

    tracking_number: str
    reference: str | None
    cost_minor: int | None
    currency: str
    files: tuple[LabelFile, ...]
    drop_off_code: str | None = None


class CarrierPort(Protocol):
    """One account with one carrier. Each method may raise CarrierRefusal and CarrierSilent.

    `can_be_asked`: whether `find_label` knows what was bought. `repeats_safely`:
    whether the same key never buys twice, so that a call may simply be made again.
    """

    can_be_asked: bool
    repeats_safely: bool

    def rates(self, request: RateRequest) -> Sequence[CarrierRate]:
        """What its services ask for a parcel."""

    def buy_label(self, order: LabelOrder) -> Purchase:
        """Buy a label, under the key of the order."""

    def find_label(self, order: LabelOrder) -> Purchase | None:
        """What was bought under the key of an order. None: nothing was, for certain."""

    def void_label(self, shipment: Consignment) -> None:
        """Give a label back. One that was given back before is fine."""

    def close_manifest(self, manifest: Manifest, shipments: Sequence[Shipment]) -> str | None:
        """Tell what is handed over, under the manifest's number. What the carrier calls it."""

    def request_pickup(self, pickup: Pickup) -> str:
        """Ask the carrier to come, under the pickup's id. What the carrier calls it."""

    def cancel_pickup(self, pickup: Pickup) -> None:
        """Tell the carrier not to come. One that was cancelled before is fine."""


class Carriers(Protocol):
    """Finds the way to a carrier."""

    def of(self, carrier: Carrier) -> CarrierPort:
        """How to speak with a carrier.

        Raises:
            CarrierRefusal: this installation cannot: something is not installed or not set.
        """


class LabelStorage(Protocol):
    """Keeps the files of labels by key. Each method may raise OSError."""

    def keep(self, key: str, content: bytes) -> None:
        """Keep a file, whole, under a key of letters and digits."""

    def read(self, key: str) -> bytes | None:
        """The file of this key. None: there is none."""
