"""Accounts of companies: who speaks for a customer, where it has places, who buys for it.

A contact may be a buyer: it orders for the account, at one of its locations or at all of them, up
to a limit of its own.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.customers.model import (
    ADDRESS,
    CONTACT,
    CONTENT,
    IDENTITY,
    AddressDraft,
    check_address,
)
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.contacts import check_email, check_locale, check_phone
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.tables import TEXT_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text

CONTACTS_MAX = 50
LOCATIONS_MAX = 100


class BuyerRole(Choice):
    """What a contact may do for the account at the shop."""

    VIEWER = "viewer", "Sees orders and invoices of the account."
    BUYER = "buyer", "Orders for the account, up to a limit if it has one."
    ADMIN = "admin", "Orders for the account and says who else may."


class NoteSortKey(Choice):
    """By what a list of notes is sorted."""

    CREATED_AT = "created_at", "When the note was written."


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDraft:
    """Who speaks for a customer. `title`: what the person is there. `location_id` None: all."""

    name: str = field(metadata=IDENTITY)
    title: str | None = field(default=None, metadata=IDENTITY)
    email: str | None = field(default=None, metadata=CONTACT)
    phone: str | None = field(default=None, metadata=CONTACT)
    locale: str | None = None
    is_primary: bool = False
    buyer_role: BuyerRole | None = None
    location_id: UUID | None = None
    spend_limit: Money | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who speaks for a customer. `email`, `phone` and `locale` are canonical."""

    id: UUID
    customer_id: UUID
    created_at: datetime
    name: str = field(metadata=IDENTITY)
    title: str | None = field(metadata=IDENTITY)
    email: str | None = field(metadata=CONTACT)
    phone: str | None = field(metadata=CONTACT)
    locale: str | None
    is_primary: bool
    buyer_role: BuyerRole | None
    location_id: UUID | None
    spend_limit_minor: int | None
    spend_currency: str | None

    @property
    def spend_limit(self) -> Money | None:
        """What it may order for at once without asking. None: there is no limit."""
        if self.spend_limit_minor is None or self.spend_currency is None:
            return None
        return Money(self.spend_limit_minor, self.spend_currency)


@dataclass(frozen=True, slots=True)
class LocationDraft:
    """A place of a company, and how goods come there."""

    name: str = field(metadata=ADDRESS)
    address: AddressDraft = field(metadata=ADDRESS)


@dataclass(frozen=True, slots=True)
class Location:
    """A place of a company, as a branch or a building site. `country`: ISO 3166-1."""

    id: UUID
    customer_id: UUID
    created_at: datetime
    name: str = field(metadata=ADDRESS)
    recipient: str | None = field(metadata=ADDRESS)
    lines: tuple[str, ...] = field(metadata=ADDRESS)
    district: str | None = field(metadata=ADDRESS)
    city: str = field(metadata=ADDRESS)
    region: str | None = field(metadata=ADDRESS)
    postal_code: str | None = field(metadata=ADDRESS)
    country: str = field(metadata=ADDRESS)


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a customer for the staff."""

    id: UUID
    created_at: datetime
    customer_id: UUID
    author_kind: str
    author_id: UUID | None
    body: str = field(metadata=CONTENT)


@dataclass(frozen=True, slots=True)
class CustomerContactAdded(Event):
    type = "customer.contact_added"
    subject = "cus"
    summary = "A contact of the customer was added."
    id: UUID
    version: int
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerContactUpdated(Event):
    type = "customer.contact_updated"
    subject = "cus"
    summary = "A contact of the customer was changed."
    id: UUID
    version: int
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerContactRemoved(Event):
    type = "customer.contact_removed"
    subject = "cus"
    summary = "A contact of the customer was removed."
    id: UUID
    version: int
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerLocationAdded(Event):
    type = "customer.location_added"
    subject = "cus"
    summary = "A location of the company was added."
    id: UUID
    version: int
    location_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerLocationUpdated(Event):
    type = "customer.location_updated"
    subject = "cus"
    summary = "A location of the company was changed."
    id: UUID
    version: int
    location_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerLocationRemoved(Event):
    type = "customer.location_removed"
    subject = "cus"
    summary = "A location of the company was removed."
    id: UUID
    version: int
    location_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerNoteAdded(Event):
    type = "customer.note_added"
    subject = "cus"
    summary = "A note about the customer was written."
    id: UUID
    version: int
    note_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerNoteRemoved(Event):
    type = "customer.note_removed"
    subject = "cus"
    summary = "A note about the customer was removed."
    id: UUID
    version: int
    note_id: UUID


@dataclass(eq=False)
class UnknownCustomerContact(Missing):
    """The customer has no contact with this id."""

    id: UUID
    message = "The customer has no such contact."


@dataclass(eq=False)
class UnknownCustomerLocation(Missing):
    """The customer has no location with this id."""

    id: UUID
    message = "The customer has no such location."


@dataclass(eq=False)
class UnknownCustomerNote(Missing):
    """The customer has no note with this id."""

    id: UUID
    message = "There is no such note about the customer."


@dataclass(eq=False)
class TooManyContacts(Refused):
    """The customer has as many contacts as it can have."""

    maximum: int
    message = "A customer has at most {maximum} contacts."


@dataclass(eq=False)
class TooManyLocations(Refused):
    """The customer has as many locations as it can have."""

    maximum: int
    message = "A customer has at most {maximum} locations."


@dataclass(eq=False)
class LocationHasBuyers(Refused):
    """Contacts buy for this location: give them another one first."""

    contacts: int
    message = "{contacts} contacts buy for this location."


@dataclass(eq=False)
class NotACompany(Refused):
    """Locations and buyers are for companies; the customer is a person."""

    message = "Only a company has locations and buyers."


@dataclass(eq=False)
class SpendLimitWithoutBuyer(Invalid):
    """A limit of spending says something only of a contact that orders."""

    message = "Only a buyer or an admin has a limit of spending."


@dataclass(eq=False)
class SpendLimitNegative(Invalid):
    """A limit of spending is zero, when everything is asked for, or more."""

    message = "A limit of spending is not below zero."


def canonical_contact(draft: ContactDraft, faults: Faults) -> ContactDraft:
    """The draft in canonical form. What is wrong is noted, and stays as it was given."""
    check_text(draft.name, faults, "name")
    check_text(draft.title, faults, "title")
    values: dict[str, str | None] = {}
    for name, check in (("email", check_email), ("phone", check_phone), ("locale", check_locale)):
        value = values[name] = getattr(draft, name)
        try:
            values[name] = None if value is None else check(value)
        except Invalid as fault:
            faults.add(fault.at(name))
    if draft.spend_limit is not None:
        if draft.buyer_role not in (BuyerRole.BUYER, BuyerRole.ADMIN):
            faults.add(SpendLimitWithoutBuyer().at("spend_limit"))
        if draft.spend_limit.minor < 0:
            faults.add(SpendLimitNegative().at("spend_limit"))
    return replace(draft, email=values["email"], phone=values["phone"], locale=values["locale"])


def check_location(draft: LocationDraft, faults: Faults) -> None:
    """Note what is wrong with a location."""
    check_text(draft.name, faults, "name")
    check_address(draft.address, faults, "address")


def check_note(body: str, faults: Faults) -> None:
    """Note what is wrong with the text of a note."""
    check_text(body, faults, "body", maximum=TEXT_LENGTH_MAX)
