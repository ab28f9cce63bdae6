"""What can be done with the locations of a company: added, changed, removed.

They belong to the customer, as its addresses do: changing one counts its version.
"""

from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.model import MACHINE, AddressDraft, Customer, CustomerKind
from backoffice_api.domain.customers.model.accounts import (
    LOCATIONS_MAX,
    CustomerLocationAdded,
    CustomerLocationRemoved,
    CustomerLocationUpdated,
    Location,
    LocationDraft,
    LocationHasBuyers,
    NotACompany,
    TooManyLocations,
    UnknownCustomerLocation,
    check_location,
)
from backoffice_api.domain.customers.model.addresses import normalised_address
from backoffice_api.domain.customers.queries.accounts import contacts_by_locations, locations_of
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.customers.tables.accounts import locations
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

_PARTS = ("recipient", "lines", "district", "city", "region", "postal_code", "country")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCustomerLocation(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    location: LocationDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCustomerLocation(Command):
    """`id` is that of the customer. The address is replaced as a whole where it is given."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    location_id: UUID
    name: str | Keep = KEEP
    address: AddressDraft | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCustomerLocation(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    location_id: UUID


def add_location(uow: UnitOfWork, command: AddCustomerLocation) -> UUID:
    """Add a location to a company. Id of the customer.

    Raises:
        UnknownCustomer, InvalidTransition.
        NotACompany: the customer is a person.
        TooManyLocations: there is no room for another one.
        InvalidText, InvalidAddressLines, UnknownCountry: the input is wrong.
    """
    customer = _read(uow, command.id)
    faults = Faults()
    check_location(command.location, faults)
    faults.check()
    if customer.kind is not CustomerKind.COMPANY:
        raise NotACompany().at("id")
    if len(locations_of(uow.db, customer.id)) >= LOCATIONS_MAX:
        raise TooManyLocations(LOCATIONS_MAX)
    saved = save(uow, customers, customer, customer)
    made = Location(
        id=uow.new_id(),
        customer_id=saved.id,
        created_at=uow.now,
        name=command.location.name,
        **_parts_of(command.location.address),
    )
    add(uow, locations, [made])
    uow.emit(CustomerLocationAdded(saved.id, saved.version, made.id), after=made)
    return saved.id


def update_location(uow: UnitOfWork, command: UpdateCustomerLocation) -> UUID:
    """Change what is given of a location; what is absent stays. Id of the customer.

    Raises:
        UnknownCustomer, UnknownCustomerLocation, InvalidTransition.
        InvalidText, InvalidAddressLines, UnknownCountry: the input is wrong.
    """
    customer = _read(uow, command.id)
    before = _one_of(uow, customer.id, command.location_id)
    address = patched(command.address, _address_of(before))
    draft = LocationDraft(patched(command.name, before.name), address)
    faults = Faults()
    check_location(draft, faults)
    faults.check()
    after = replace(before, name=draft.name, **_parts_of(address))
    if after == before:
        return customer.id
    saved = save(uow, customers, customer, customer)
    values = {each.name: getattr(after, each.name) for each in fields(Location)}
    del values["id"]
    uow.db.execute(update(locations).where(locations.c.id == after.id).values(values))
    uow.emit(CustomerLocationUpdated(saved.id, saved.version, after.id), before=before, after=after)
    return saved.id


def remove_location(uow: UnitOfWork, command: RemoveCustomerLocation) -> UUID:
    """Remove a location of a company. Id of the customer.

    Raises:
        UnknownCustomer, UnknownCustomerLocation, InvalidTransition.
        LocationHasBuyers: contacts buy for it.
    """
    customer = _read(uow, command.id)
    gone = _one_of(uow, customer.id, command.location_id)
    if buyers := contacts_by_locations(uow.db, [gone.id]).get(gone.id):
        raise LocationHasBuyers(len(buyers)).at("location_id")
    saved = save(uow, customers, customer, customer)
    uow.db.execute(delete(locations).where(locations.c.id == gone.id))
    uow.emit(CustomerLocationRemoved(saved.id, saved.version, gone.id), before=gone)
    return saved.id


def _read(uow: UnitOfWork, id: UUID) -> Customer:
    customer = queries.customer(uow.db, id)
    MACHINE.check("update", customer.status)
    return customer


def _one_of(uow: UnitOfWork, customer_id: UUID, id: UUID) -> Location:
    for each in locations_of(uow.db, customer_id):
        if each.id == id:
            return each
    raise UnknownCustomerLocation(id).at("location_id")


def _parts_of(address: AddressDraft) -> dict[str, Any]:
    written = normalised_address(address)
    return {name: getattr(written, name) for name in _PARTS}


def _address_of(location: Location) -> AddressDraft:
    parts = {name: getattr(location, name) for name in _PARTS}
    return AddressDraft(label=None, is_default_shipping=False, is_default_billing=False, **parts)
