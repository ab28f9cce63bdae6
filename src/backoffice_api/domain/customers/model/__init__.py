"""Customers: words and rules.

A customer is a person or a company that buys. Its name, its ways of contact, its addresses and
its tax ids are personal data: `metadata` says so beside each field, which keeps them out of the
log; refusals never repeat them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.contacts import check_email, check_locale, check_phone
from backoffice_api.domain.kernel.countries import check_country
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import TEXT_LENGTH_MAX
from backoffice_api.domain.kernel.tax_ids import TaxIdKind, check_tax_id
from backoffice_api.domain.kernel.texts import check_distinct, check_size, check_text

TAGS_MAX = 50
TAG_LENGTH_MAX = 60
TAX_IDS_MAX = 20
ADDRESSES_MAX = 20
ADDRESS_LINES_MAX = 3
POSTAL_CODE_LENGTH_MAX = 20

# Classes of personal data, as the schema publishes them.
IDENTITY: Mapping[str, str] = {"personal": "identity"}
CONTACT: Mapping[str, str] = {"personal": "contact"}
CONTENT: Mapping[str, str] = {"personal": "content"}
ADDRESS: Mapping[str, str] = {"personal": "address"}


class CustomerKind(Choice):
    """What a customer is before the law."""

    PERSON = "person", "A natural person."
    COMPANY = "company", "A company or another legal person."


class CustomerStatus(Choice):
    """Whether a customer is in use."""

    ACTIVE = "active", "In use."
    ARCHIVED = "archived", "Out of use: kept for the orders that name it."
    MERGED = "merged", "A duplicate that went on in another customer, which has what it had."


MACHINE = Machine(
    CustomerStatus.ACTIVE,
    move("update", {CustomerStatus.ACTIVE}),
    move("archive", {CustomerStatus.ACTIVE}, CustomerStatus.ARCHIVED),
    move("restore", {CustomerStatus.ARCHIVED}, CustomerStatus.ACTIVE),
    # Who withdraws a consent is heard, in use or not.
    move("record_consent", {CustomerStatus.ACTIVE, CustomerStatus.ARCHIVED}),
    move("merge", {CustomerStatus.ACTIVE}, CustomerStatus.MERGED),
    move("undo_merge", {CustomerStatus.MERGED}, CustomerStatus.ACTIVE),
)


class CustomerSortKey(Choice):
    """By what a list of customers is sorted."""

    CREATED_AT = "created_at", "When the customer was made; for an imported one, when it was there."
    UPDATED_AT = "updated_at", "When the customer was last changed here."
    NAME = "name", "The name, by code point. Takes the scope personal:read."


@dataclass(frozen=True, slots=True)
class Customer:
    """`email`, `phone` and `locale` are canonical; `country` is that of ISO 3166-1."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: CustomerKind
    name: str = field(metadata=IDENTITY)
    email: str | None = field(metadata=CONTACT)
    phone: str | None = field(metadata=CONTACT)
    locale: str | None
    country: str | None
    note: str | None = field(metadata=CONTACT)
    status: CustomerStatus

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class TaxId:
    """A number and the register that gave it out. Where it is stored, it is canonical."""

    kind: TaxIdKind
    value: str = field(metadata=IDENTITY)

    def canonical(self) -> "TaxId":
        """In capital letters and digits, without punctuation.

        Raises:
            InvalidTaxId: it is not a tax id of that kind.
        """
        return TaxId(self.kind, check_tax_id(self.kind, self.value))


@dataclass(frozen=True, slots=True)
class Profile(Customer):
    """A customer with the lists that belong to it, each sorted: what is compared and logged.

    External ids count as personal in the log, since some systems use e-mail addresses as keys.
    """

    tags: tuple[str, ...]
    tax_ids: tuple[TaxId, ...] = field(metadata=IDENTITY)
    external_ids: tuple[ExternalId, ...] = field(metadata=IDENTITY)

    @property
    def row(self) -> Customer:
        """The customer without its lists, as its table keeps it."""
        return Customer(*(getattr(self, each.name) for each in fields(Customer)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDraft:
    """What a customer is to be. None: not known."""

    kind: CustomerKind
    name: str
    email: str | None = None
    phone: str | None = None
    locale: str | None = None
    country: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    tax_ids: tuple[TaxId, ...] = ()


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """Where to send things. `recipient` None: the customer itself. `country`: ISO 3166-1."""

    label: str | None = field(metadata=ADDRESS)
    recipient: str | None = field(metadata=ADDRESS)
    lines: tuple[str, ...] = field(metadata=ADDRESS)
    district: str | None = field(metadata=ADDRESS)
    city: str = field(metadata=ADDRESS)
    region: str | None = field(metadata=ADDRESS)
    postal_code: str | None = field(metadata=ADDRESS)
    country: str = field(metadata=ADDRESS)
    is_default_shipping: bool
    is_default_billing: bool


@dataclass(frozen=True, slots=True)
class Address(AddressDraft):
    """An address of a customer, with an id by which it is changed and removed."""

    id: UUID
    customer_id: UUID

    @property
    def draft(self) -> AddressDraft:
        return AddressDraft(*(getattr(self, each.name) for each in fields(AddressDraft)))


@dataclass(frozen=True, slots=True)
class CustomerCreated(Event):
    type = "customer.created"
    subject = "cus"
    summary = "A customer was created."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class CustomerRecorded(Event):
    type = "customer.recorded"
    subject = "cus"
    summary = "A customer of {system} was taken over."
    id: UUID
    version: int
    system: str


@dataclass(frozen=True, slots=True)
class CustomerUpdated(Event):
    type = "customer.updated"
    subject = "cus"
    summary = "The customer was changed."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class CustomerArchived(Event):
    type = "customer.archived"
    subject = "cus"
    summary = "The customer was archived."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class CustomerRestored(Event):
    type = "customer.restored"
    subject = "cus"
    summary = "The customer is in use again."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class CustomerAddressAdded(Event):
    type = "customer.address_added"
    subject = "cus"
    summary = "An address of the customer was added."
    id: UUID
    version: int
    address_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerAddressUpdated(Event):
    type = "customer.address_updated"
    subject = "cus"
    summary = "An address of the customer was changed."
    id: UUID
    version: int
    address_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerAddressRemoved(Event):
    type = "customer.address_removed"
    subject = "cus"
    summary = "An address of the customer was removed."
    id: UUID
    version: int
    address_id: UUID


@dataclass(eq=False)
class UnknownCustomer(Missing):
    """There is no customer with this id."""

    id: UUID
    message = "There is no such customer."


@dataclass(eq=False)
class UnknownCustomerAddress(Missing):
    """The customer has no address with this id."""

    id: UUID
    message = "The customer has no such address."


@dataclass(eq=False)
class TaxIdTaken(Refused):
    """A tax id names one customer. Another one has it, or it is given twice."""

    kind: TaxIdKind
    message = "This {kind.name} is taken: a tax id names one customer."


@dataclass(eq=False)
class TooManyAddresses(Refused):
    """The customer has as many addresses as it can have."""

    maximum: int
    message = "A customer has at most {maximum} addresses."


@dataclass(eq=False)
class SeveralDefaults(Invalid):
    """More than one address is to be the default for the same purpose."""

    message = "At most one address is the default for shipping, and one for billing."


@dataclass(eq=False)
class InvalidAddressLines(Invalid):
    """An address has no line, or more lines than labels have room for."""

    maximum: int
    message = "An address has 1 to {maximum} lines."


def canonical(draft: CustomerDraft, faults: Faults) -> CustomerDraft:
    """The draft in canonical form. What is wrong is noted, and stays as it was given."""
    check_text(draft.name, faults, "name")
    check_text(draft.note, faults, "note", maximum=TEXT_LENGTH_MAX)
    tags = tuple(tag.strip() for tag in draft.tags)
    check_size(tags, faults, "tags", maximum=TAGS_MAX)
    check_distinct(tags, faults, "tags")
    for position, tag in enumerate(tags):
        check_text(tag, faults, "tags", position, maximum=TAG_LENGTH_MAX)
    return replace(
        draft,
        email=_checked(check_email, draft.email, faults, "email"),
        phone=_checked(check_phone, draft.phone, faults, "phone"),
        locale=_checked(check_locale, draft.locale, faults, "locale"),
        country=_checked(check_country, draft.country, faults, "country"),
        tags=tags,
        tax_ids=_canonical_tax_ids(draft.tax_ids, faults),
    )


def check_addresses(drafts: tuple[AddressDraft, ...], faults: Faults) -> None:
    """Note what is wrong with all addresses of one customer, taken together."""
    check_size(drafts, faults, "addresses", maximum=ADDRESSES_MAX)
    shipping = sum(draft.is_default_shipping for draft in drafts)
    billing = sum(draft.is_default_billing for draft in drafts)
    if shipping > 1 or billing > 1:
        faults.add(SeveralDefaults().at("addresses"))
    for position, draft in enumerate(drafts):
        check_address(draft, faults, "addresses", position)


def check_address(draft: AddressDraft, faults: Faults, *path: str | int) -> None:
    """Note what is wrong with one address."""
    for name in ("label", "recipient", "district", "city", "region"):
        check_text(getattr(draft, name), faults, *path, name)
    check_text(draft.postal_code, faults, *path, "postal_code", maximum=POSTAL_CODE_LENGTH_MAX)
    if not 1 <= len(draft.lines) <= ADDRESS_LINES_MAX:
        faults.add(InvalidAddressLines(ADDRESS_LINES_MAX).at(*path, "lines"))
    for position, line in enumerate(draft.lines):
        check_text(line, faults, *path, "lines", position)
    _checked(check_country, draft.country, faults, *path, "country")


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
            faults.add(TaxIdTaken(each.kind).at(*path))
        found.append(each)
    return tuple(found)


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
