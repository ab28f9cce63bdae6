"""Carriers: who takes parcels away, under which account, with which services.

A carrier here is one account with one of them. Its services, their limits and surcharges are
data. What proves who we are (keys, passwords) stands in the settings, never here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move

SERVICES_MAX = 100
SURCHARGES_MAX = 50
COUNTRIES_MAX = 250
AREAS_MAX = 500
SENDER_LINES_MAX = 3
WEIGHT_MAX_G = 30_000_000
LENGTH_MAX_MM = 100_000
TRANSIT_DAYS_MAX = 120
PRICE_MAX_MINOR = 1_000_000_000_000
VALUE_MAX_MINOR = 1_000_000_000_000
BASIS_POINTS = 10_000
MINUTES_A_DAY = 1_440


class CarrierKind(Choice):
    """How we speak with a carrier."""

    MANUAL = "manual", "Not at all: a person types the number and the cost."
    TABLE_RATE = "table_rate", "Not at all: prices come from tables, labels are our own."
    FAKE = "fake", "It is none: it plays one, for trying things out."
    KARRIO = "karrio", "Over its own interface, through the library karrio."
    CORREIOS = "correios", "Over Correios Web Services, by a contract with the Correios."
    MELHOR_ENVIO = "melhor_envio", "Over Melhor Envio, which sells labels of several carriers."


# Whose prices are known here, without asking anybody.
LOCAL_KINDS = frozenset({CarrierKind.MANUAL, CarrierKind.TABLE_RATE})
# Who is told what lies in a parcel, and by which number the customer pays taxes.
DECLARING_KINDS = frozenset({CarrierKind.CORREIOS, CarrierKind.MELHOR_ENVIO})
# Who can also be asked what has become of the parcels.
TELLING_KINDS = DECLARING_KINDS


class CarrierStatus(Choice):
    """Whether a carrier, or one of its services, is in use."""

    ACTIVE = "active", "In use."
    ARCHIVED = "archived", "Not to be chosen any more."


MACHINE = Machine(
    CarrierStatus.ACTIVE,
    move("update", {CarrierStatus.ACTIVE}),
    move("archive", {CarrierStatus.ACTIVE}, CarrierStatus.ARCHIVED),
    move("restore", {CarrierStatus.ARCHIVED}, CarrierStatus.ACTIVE),
)


class CarrierSortKey(Choice):
    """By what a list of carriers is sorted."""

    CODE = "code", "The code."
    CREATED_AT = "created_at", "When the carrier was made here."


class ServiceSortKey(Choice):
    """By what a list of carriers' services is sorted."""

    CODE = "code", "The code."
    CREATED_AT = "created_at", "When the service was made here."


class SurchargeKind(Choice):
    """What is paid on top of the price for the weight."""

    BULKY = "bulky", "Too heavy, too long or too thick for the belt."
    REMOTE_AREA = "remote_area", "The way there is long."
    CASH_ON_DELIVERY = "cash_on_delivery", "The carrier collects money at the door."
    INSURANCE = "insurance", "The value is insured."
    FUEL = "fuel", "A share of the price, whatever is sent."
    OTHER = "other", "Whatever else is always paid."


@dataclass(frozen=True, slots=True)
class Sender:
    """Where parcels are sent from, as it stands on labels."""

    name: str
    lines: Sequence[str]
    city: str
    region: str | None
    postal_code: str | None
    country: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """`account`: our number there. `connector`: which of karrio's connectors speaks with it.

    `manifests_made` counts its manifests, for their numbers. `supplier_id`: who sends its bills.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    kind: CarrierKind
    status: CarrierStatus
    currency: str
    account: str | None
    connector: str | None
    time_zone: str
    sender_name: str
    sender_lines: Sequence[str]
    sender_city: str
    sender_region: str | None
    sender_postal_code: str | None
    sender_country: str
    manifests_made: int
    supplier_id: UUID | None = None

    @property
    def sender(self) -> Sender:
        return Sender(
            self.sender_name,
            self.sender_lines,
            self.sender_city,
            self.sender_region,
            self.sender_postal_code,
            self.sender_country,
        )

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class CarrierService:
    """What a carrier offers. None as a limit: there is none.

    `cut_off_minute`: of the day, where the carrier is; what is ready later goes the next working
    day. `volumetric_divisor`: cubic centimetres that are charged as a kilogram. `countries`:
    where it goes; none named: everywhere. Days in transit are working days.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    carrier_id: UUID
    code: str
    name: str
    status: CarrierStatus
    transit_days_min: int
    transit_days_max: int
    cut_off_minute: int | None
    works_saturdays: bool
    weight_max_g: int | None
    length_max_mm: int | None
    girth_max_mm: int | None
    volumetric_divisor: int | None
    countries: Sequence[str]
    collects_cash: bool

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class Area:
    """A stretch of postal codes of a country, both ends included. None: no end there."""

    country: str
    postal_from: str | None = None
    postal_to: str | None = None


@dataclass(frozen=True, slots=True)
class Surcharge:
    """A fixed amount and a share in hundredths of a percent, at least `minimum_minor`.

    The share is that of the value for insurance, of the money for cash on delivery, else of the
    price for the weight. `over_…`: what a bulky parcel exceeds, one of these is enough. `areas`:
    which areas are remote.
    """

    service_id: UUID
    position: int
    kind: SurchargeKind
    label: str
    amount_minor: int
    share_bps: int
    minimum_minor: int
    currency: str
    over_weight_g: int | None
    over_length_mm: int | None
    over_girth_mm: int | None
    areas_given: Sequence[dict[str, str | None]]

    @property
    def areas(self) -> Sequence[Area]:
        return tuple(
            Area(str(each["country"]), each["postal_from"], each["postal_to"])
            for each in self.areas_given
        )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def minimum(self) -> Money:
        return Money(self.minimum_minor, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurchargeDraft:
    """A surcharge to be: see `Surcharge`."""

    kind: SurchargeKind
    label: str
    amount: Money
    minimum: Money | None = None
    share_bps: int = 0
    over_weight_g: int | None = None
    over_length_mm: int | None = None
    over_girth_mm: int | None = None
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """How well a service has kept its promises, as it was counted at `measured_at`.

    `late` of the `delivered` came after the day that was promised.
    """

    service_id: UUID
    shipped: int
    delivered: int
    late: int
    measured_at: datetime

    @property
    def late_permille(self) -> int | None:
        """None: nothing has been delivered yet."""
        return self.late * 1_000 // self.delivered if self.delivered else None


@dataclass(frozen=True, slots=True)
class CarrierCreated(Event):
    type = "carrier.created"
    subject = "ctr"
    summary = "Carrier {code} was made."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class CarrierUpdated(Event):
    type = "carrier.updated"
    subject = "ctr"
    summary = "Carrier {code} was changed."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class CarrierArchived(Event):
    type = "carrier.archived"
    subject = "ctr"
    summary = "Carrier {code} is not to be chosen any more."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class CarrierRestored(Event):
    type = "carrier.restored"
    subject = "ctr"
    summary = "Carrier {code} may be chosen again."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ServiceCreated(Event):
    type = "carrier_service.created"
    subject = "svc"
    summary = "Service {code} was made."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ServiceUpdated(Event):
    type = "carrier_service.updated"
    subject = "svc"
    summary = "Service {code} was changed."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ServiceArchived(Event):
    type = "carrier_service.archived"
    subject = "svc"
    summary = "Service {code} is not to be chosen any more."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ServiceRestored(Event):
    type = "carrier_service.restored"
    subject = "svc"
    summary = "Service {code} may be chosen again."
    id: UUID
    version: int
    code: str


@dataclass(eq=False)
class UnknownCarrier(Missing):
    """There is no carrier with this id."""

    id: UUID
    message = "There is no such carrier."


@dataclass(eq=False)
class UnknownService(Missing):
    """There is no service of a carrier with this id."""

    id: UUID
    message = "There is no such service of a carrier."


@dataclass(eq=False)
class CarrierCodeTaken(Refused):
    """Another carrier has this code."""

    carrier: str
    message = "There is a carrier {carrier!r:.90} already."


@dataclass(eq=False)
class ServiceCodeTaken(Refused):
    """The carrier has another service with this code."""

    service: str
    message = "The carrier has a service {service!r:.90} already."


@dataclass(eq=False)
class CarrierNotActive(Refused):
    """The carrier, or the service, is archived: nothing new is sent with it."""

    message = "The carrier, or its service, is archived."


@dataclass(eq=False)
class InvalidTransit(Invalid):
    """What is in transit for at least so many days cannot arrive in fewer at most."""

    message = "The most days in transit are at least as many as the fewest."


@dataclass(eq=False)
class ConnectorNotNamed(Invalid):
    """A carrier of the kind KARRIO needs a connector; the other kinds have none."""

    message = "A carrier over karrio names its connector, and no other one does."


def check_connector(faults: Faults, kind: CarrierKind, connector: str | None) -> None:
    if (kind is CarrierKind.KARRIO) != (connector is not None):
        faults.add(ConnectorNotNamed().at("connector"))
