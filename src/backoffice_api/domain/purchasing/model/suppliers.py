"""Suppliers: who sells to the shop, and on which terms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.customers.model import (
    ADDRESS,
    CONTACT,
    IDENTITY,
    AddressDraft,
    TaxId,
    check_address,
)
from backoffice_api.domain.kernel import external_ids
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.contacts import check_email, check_phone
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import COST, Event
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size, check_text

CONTACTS_MAX = 20
ADDRESSES_MAX = 20
TAX_IDS_MAX = 20
NOTE_LENGTH_MAX = 5_000
PAYMENT_DAYS_MAX = 365
LEAD_TIME_DAYS_MAX = 730
PERCENT_MAX = 100
INCOTERM_LENGTH_MAX = 80


class SupplierStatus(Choice):
    """Whether things are bought from a supplier."""

    ACTIVE = "active", "In use."
    ARCHIVED = "archived", "Out of use: kept for the purchase orders that name it."


MACHINE = Machine(
    SupplierStatus.ACTIVE,
    move("update", {SupplierStatus.ACTIVE}),
    move("archive", {SupplierStatus.ACTIVE}, SupplierStatus.ARCHIVED),
    move("restore", {SupplierStatus.ARCHIVED}, SupplierStatus.ACTIVE),
)


class OverReceiptPolicy(Choice):
    """What happens when more arrives than the tolerance allows."""

    REFUSE = "refuse", "The receipt is refused."
    ACCEPT = "accept", "Whatever arrives is taken."


class SupplierSortKey(Choice):
    """By what a list of suppliers is sorted."""

    CREATED_AT = "created_at", "When the supplier was made."
    CODE = "code", "The code, by code point."
    NAME = "name", "The name, by code point."


@dataclass(frozen=True, slots=True)
class Supplier:
    """`payment_days`: invoices are due so many days after their date. `incoterm`: as agreed.

    Of a line, `over_tolerance_percent` may arrive beyond what was ordered; what is missing within
    `short_tolerance_percent` is called off by the receipt. Both are shares of what was ordered.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    status: SupplierStatus
    currency: str
    payment_days: int
    incoterm: str | None
    lead_time_days: int
    minimum_order_minor: int | None = field(metadata=COST)
    over_receipt: OverReceiptPolicy
    over_tolerance_percent: int
    short_tolerance_percent: int
    note: str

    @property
    def minimum_order(self) -> Money | None:
        if self.minimum_order_minor is None:
            return None
        return Money(self.minimum_order_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who works for a supplier. `role`: what for. `email` and `phone` are canonical."""

    name: str = field(metadata=IDENTITY)
    role: str | None = None
    email: str | None = field(default=None, metadata=CONTACT)
    phone: str | None = field(default=None, metadata=CONTACT)


@dataclass(frozen=True, slots=True)
class SupplierAddress:
    """Where a supplier is. `label`: what for. `country`: ISO 3166-1."""

    label: str | None = field(metadata=ADDRESS)
    lines: tuple[str, ...] = field(metadata=ADDRESS)
    district: str | None = field(metadata=ADDRESS)
    city: str = field(metadata=ADDRESS)
    region: str | None = field(metadata=ADDRESS)
    postal_code: str | None = field(metadata=ADDRESS)
    country: str = field(metadata=ADDRESS)


@dataclass(frozen=True, slots=True)
class SupplierProfile(Supplier):
    """A supplier with the lists that belong to it: what is compared and logged."""

    contacts: tuple[Contact, ...] = field(metadata=CONTACT)
    addresses: tuple[SupplierAddress, ...] = field(metadata=ADDRESS)
    tax_ids: tuple[TaxId, ...] = field(metadata=IDENTITY)
    external_ids: tuple[ExternalId, ...] = field(metadata=IDENTITY)

    @property
    def row(self) -> Supplier:
        """The supplier without its lists, as its table keeps it."""
        return Supplier(*(getattr(self, each.name) for each in fields(Supplier)))


@dataclass(frozen=True, slots=True)
class SupplierEvent(Event):
    """Something that happened to a supplier."""

    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class SupplierCreated(SupplierEvent):
    type = "supplier.created"
    subject = "sup"
    summary = "Supplier {name} was created."


@dataclass(frozen=True, slots=True)
class SupplierUpdated(SupplierEvent):
    type = "supplier.updated"
    subject = "sup"
    summary = "Supplier {name} was changed."


@dataclass(frozen=True, slots=True)
class SupplierArchived(SupplierEvent):
    type = "supplier.archived"
    subject = "sup"
    summary = "Supplier {name} was archived."


@dataclass(frozen=True, slots=True)
class SupplierRestored(SupplierEvent):
    type = "supplier.restored"
    subject = "sup"
    summary = "Supplier {name} is in use again."


@dataclass(eq=False)
class UnknownSupplier(Missing):
    """There is no supplier with this id or code."""

    supplier: str
    message = "There is no supplier {supplier!r:.90}."


@dataclass(eq=False)
class SupplierCodeTaken(Refused):
    """Another supplier has this code."""

    supplier: str
    message = "Another supplier has the code {supplier!r:.90}."


@dataclass(eq=False)
class SupplierNotActive(Refused):
    """The supplier is archived: nothing is bought from it."""

    supplier: str
    message = "The supplier {supplier!r:.90} is archived."


@dataclass(eq=False)
class SupplierTaxIdTaken(Refused):
    """A tax id names one supplier. Another one has it, or it is given twice."""

    message = "This tax id is taken: it names one supplier."


@dataclass(eq=False)
class AmountBelowZero(Invalid):
    """A price, a tax or another amount of purchasing is below zero."""

    message = "This is zero or more."


def check_supplier(profile: SupplierProfile, faults: Faults) -> SupplierProfile:
    """The profile with its lists in canonical form. What is wrong is noted."""
    check_text(profile.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(profile.name, faults, "name")
    check_text(profile.incoterm, faults, "incoterm", maximum=INCOTERM_LENGTH_MAX)
    check_text(profile.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    for name, maximum in (
        ("payment_days", PAYMENT_DAYS_MAX),
        ("lead_time_days", LEAD_TIME_DAYS_MAX),
        ("over_tolerance_percent", PERCENT_MAX),
        ("short_tolerance_percent", PERCENT_MAX),
    ):
        check_range(getattr(profile, name), faults, name, minimum=0, maximum=maximum)
    if (profile.minimum_order_minor or 0) < 0:
        faults.add(AmountBelowZero().at("minimum_order"))
    check_size(profile.contacts, faults, "contacts", maximum=CONTACTS_MAX)
    check_size(profile.addresses, faults, "addresses", maximum=ADDRESSES_MAX)
    external_ids.check(profile.external_ids, faults)
    for position, address in enumerate(profile.addresses):
        check_address(_draft(address), faults, "addresses", position)
    return replace(
        profile,
        contacts=tuple(
            _canonical_contact(each, faults, position)
            for position, each in enumerate(profile.contacts)
        ),
        tax_ids=_canonical_tax_ids(profile.tax_ids, faults),
        external_ids=tuple(sorted(profile.external_ids, key=lambda each: (each.system, each.key))),
    )


def _canonical_contact(contact: Contact, faults: Faults, position: int) -> Contact:
    here = ("contacts", position)
    check_text(contact.name, faults, *here, "name")
    check_text(contact.role, faults, *here, "role")
    return replace(
        contact,
        email=_checked(check_email, contact.email, faults, *here, "email"),
        phone=_checked(check_phone, contact.phone, faults, *here, "phone"),
    )


def _canonical_tax_ids(given: tuple[TaxId, ...], faults: Faults) -> tuple[TaxId, ...]:
    check_size(given, faults, "tax_ids", maximum=TAX_IDS_MAX)
    found: list[TaxId] = []
    for position, each in enumerate(given):
        path = ("tax_ids", position, "value")
        try:
            each = each.canonical()
        except Invalid as fault:
            faults.add(fault.at(*path))
        if each in found:
            faults.add(Duplicate(each.kind.name).at(*path))
        found.append(each)
    return tuple(sorted(found, key=lambda each: (each.kind, each.value)))


def _checked(
    check: Callable[[str], str], value: str | None, faults: Faults, *path: str | int
) -> str | None:
    if value is None:
        return None
    try:
        return check(value)
    except Invalid as fault:
        faults.add(fault.at(*path))
        return value


def _draft(address: SupplierAddress) -> AddressDraft:
    return AddressDraft(
        label=address.label,
        recipient=None,
        lines=address.lines,
        district=address.district,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
        is_default_shipping=False,
        is_default_billing=False,
    )
