"""What can be done with the contacts of a customer: added, changed, removed.

They belong to the customer, as its addresses do: changing one counts its version.
"""

from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.model import MACHINE, Customer, CustomerKind
from backoffice_api.domain.customers.model.accounts import (
    CONTACTS_MAX,
    BuyerRole,
    Contact,
    ContactDraft,
    CustomerContactAdded,
    CustomerContactRemoved,
    CustomerContactUpdated,
    NotACompany,
    TooManyContacts,
    UnknownCustomerContact,
    UnknownCustomerLocation,
    canonical_contact,
)
from backoffice_api.domain.customers.queries.accounts import contacts_of, locations_by_ids
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.customers.tables.accounts import contacts
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AddContact(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    contact: ContactDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateContact(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    contact_id: UUID
    name: str | Keep = KEEP
    title: str | Keep | None = KEEP
    email: str | Keep | None = KEEP
    phone: str | Keep | None = KEEP
    locale: str | Keep | None = KEEP
    is_primary: bool | Keep = KEEP
    buyer_role: BuyerRole | Keep | None = KEEP
    location_id: UUID | Keep | None = KEEP
    spend_limit: Money | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveContact(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    contact_id: UUID


def add_contact(uow: UnitOfWork, command: AddContact) -> UUID:
    """Add a contact to a customer. If it is the primary one, the other one is no longer.

    Id of the customer.

    Raises:
        UnknownCustomer, UnknownCustomerLocation, InvalidTransition.
        TooManyContacts: there is no room for another one.
        NotACompany: a person has no buyers.
        InvalidText, InvalidEmail, InvalidPhone, InvalidLocale, SpendLimitWithoutBuyer,
        SpendLimitNegative: the input is wrong.
    """
    customer = _read(uow, command.id)
    draft = _checked(uow, customer, command.contact)
    if len(contacts_of(uow.db, customer.id)) >= CONTACTS_MAX:
        raise TooManyContacts(CONTACTS_MAX)
    saved = save(uow, customers, customer, customer)
    made = Contact(id=uow.new_id(), customer_id=saved.id, created_at=uow.now, **_columns_of(draft))
    _step_back(uow, made)
    add(uow, contacts, [made], email_key=[_key(made)])
    uow.emit(CustomerContactAdded(saved.id, saved.version, made.id), after=made)
    return saved.id


def update_contact(uow: UnitOfWork, command: UpdateContact) -> UUID:
    """Change what is given of a contact; what is absent stays. Id of the customer.

    Raises:
        UnknownCustomer, UnknownCustomerContact, UnknownCustomerLocation, InvalidTransition.
        NotACompany: a person has no buyers.
        InvalidText, InvalidEmail, InvalidPhone, InvalidLocale, SpendLimitWithoutBuyer,
        SpendLimitNegative: the input is wrong.
    """
    customer = _read(uow, command.id)
    before = _one_of(uow, customer.id, command.contact_id)
    given = {
        each.name: patched(getattr(command, each.name), getattr(before, each.name))
        for each in fields(ContactDraft)
    }
    after = replace(before, **_columns_of(_checked(uow, customer, ContactDraft(**given))))
    if after == before:
        return customer.id
    saved = save(uow, customers, customer, customer)
    _step_back(uow, after)
    values = {each.name: getattr(after, each.name) for each in fields(Contact) if each.name != "id"}
    statement = update(contacts).where(contacts.c.id == after.id)
    uow.db.execute(statement.values(**values, email_key=_key(after)))
    uow.emit(CustomerContactUpdated(saved.id, saved.version, after.id), before=before, after=after)
    return saved.id


def remove_contact(uow: UnitOfWork, command: RemoveContact) -> UUID:
    """Remove a contact of a customer. Id of the customer.

    Raises:
        UnknownCustomer, UnknownCustomerContact, InvalidTransition.
    """
    customer = _read(uow, command.id)
    gone = _one_of(uow, customer.id, command.contact_id)
    saved = save(uow, customers, customer, customer)
    uow.db.execute(delete(contacts).where(contacts.c.id == gone.id))
    uow.emit(CustomerContactRemoved(saved.id, saved.version, gone.id), before=gone)
    return saved.id


def _read(uow: UnitOfWork, id: UUID) -> Customer:
    customer = queries.customer(uow.db, id)
    MACHINE.check("update", customer.status)
    return customer


def _one_of(uow: UnitOfWork, customer_id: UUID, id: UUID) -> Contact:
    for each in contacts_of(uow.db, customer_id):
        if each.id == id:
            return each
    raise UnknownCustomerContact(id).at("contact_id")


def _checked(uow: UnitOfWork, customer: Customer, draft: ContactDraft) -> ContactDraft:
    """The draft in canonical form, if the customer can have such a contact."""
    faults = Faults()
    draft = canonical_contact(draft, faults)
    if draft.buyer_role is not None and customer.kind is not CustomerKind.COMPANY:
        faults.add(NotACompany().at("buyer_role"))
    if draft.location_id is not None:
        location = locations_by_ids(uow.db, [draft.location_id]).get(draft.location_id)
        if location is None or location.customer_id != customer.id:
            faults.add(UnknownCustomerLocation(draft.location_id).at("location_id"))
    faults.check()
    return draft


def _columns_of(draft: ContactDraft) -> dict[str, Any]:
    limit = draft.spend_limit
    values = {each.name: getattr(draft, each.name) for each in fields(ContactDraft)}
    del values["spend_limit"]
    return {
        **values,
        "spend_limit_minor": None if limit is None else limit.minor,
        "spend_currency": None if limit is None else limit.currency,
    }


def _step_back(uow: UnitOfWork, chosen: Contact) -> None:
    """Make room for a primary contact: the others are none."""
    if chosen.is_primary:
        others = contacts.c.customer_id == chosen.customer_id, contacts.c.id != chosen.id
        uow.db.execute(update(contacts).where(*others).values(is_primary=False))


def _key(contact: Contact) -> str | None:
    return email_key(contact.email) if contact.email else None
