"""What can be done with the addresses of a customer: added, changed, removed, set as a whole.

They belong to the customer: changing one changes the customer, and counts its version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.model import (
    ADDRESSES_MAX,
    MACHINE,
    Address,
    AddressDraft,
    Customer,
    CustomerAddressAdded,
    CustomerAddressRemoved,
    CustomerAddressUpdated,
    TooManyAddresses,
    UnknownCustomerAddress,
    check_address,
)
from backoffice_api.domain.customers.model.addresses import normalised_address
from backoffice_api.domain.customers.tables import addresses, customers
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAddress(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    address: AddressDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAddress(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    address_id: UUID
    label: str | Keep | None = KEEP
    recipient: str | Keep | None = KEEP
    lines: tuple[str, ...] | Keep = KEEP
    district: str | Keep | None = KEEP
    city: str | Keep = KEEP
    region: str | Keep | None = KEEP
    postal_code: str | Keep | None = KEEP
    country: str | Keep = KEEP
    is_default_shipping: bool | Keep = KEEP
    is_default_billing: bool | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAddress(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    address_id: UUID


# What happened to an address, by whether it was there before and is there after.
_EVENTS = {
    (False, True): CustomerAddressAdded,
    (True, True): CustomerAddressUpdated,
    (True, False): CustomerAddressRemoved,
}


def add_address(uow: UnitOfWork, command: AddAddress) -> UUID:
    """Add an address to a customer. If it is a default, it takes that from the one that was.

    Id of the customer.

    Raises:
        UnknownCustomer, InvalidTransition.
        TooManyAddresses: there is no room for another one.
        InvalidText, InvalidAddressLines, UnknownCountry: the address is wrong.
    """
    customer, present = _read(uow, command.id)
    faults = Faults()
    check_address(command.address, faults)
    faults.check()
    if len(present) >= ADDRESSES_MAX:
        raise TooManyAddresses(ADDRESSES_MAX)
    added = _address(uow.new_id(), customer.id, command.address)
    return _write(uow, customer, present, (*_without_defaults_of(added, present), added))


def update_address(uow: UnitOfWork, command: UpdateAddress) -> UUID:
    """Change what is given of an address; what is absent stays. Id of the customer.

    If it becomes a default, it takes that from the one that was.

    Raises:
        UnknownCustomer, UnknownCustomerAddress, InvalidTransition.
        InvalidText, InvalidAddressLines, UnknownCountry: the address is wrong.
    """
    customer, present = _read(uow, command.id)
    before = _one_of(present, command.address_id)
    names = [each.name for each in fields(AddressDraft)]
    after = replace(
        before, **{name: patched(getattr(command, name), getattr(before, name)) for name in names}
    )
    faults = Faults()
    check_address(after, faults)
    faults.check()
    after = normalised_address(after)
    others = _without_defaults_of(after, [each for each in present if each.id != after.id])
    return _write(uow, customer, present, (*others, after))


def remove_address(uow: UnitOfWork, command: RemoveAddress) -> UUID:
    """Remove an address of a customer. If it was a default, there is none then.

    Id of the customer.

    Raises:
        UnknownCustomer, UnknownCustomerAddress, InvalidTransition.
    """
    customer, present = _read(uow, command.id)
    removed = _one_of(present, command.address_id)
    return _write(uow, customer, present, [each for each in present if each != removed])


def as_described(
    uow: UnitOfWork,
    customer_id: UUID,
    present: Sequence[Address],
    drafts: Sequence[AddressDraft],
) -> Sequence[Address]:
    """The drafts as addresses; those that are there already, defaults aside, keep their ids."""
    left = list(present)
    wanted = []
    for draft in map(normalised_address, drafts):
        same = next((each for each in left if _is_same_place(each, draft)), None)
        if same:
            left.remove(same)
        wanted.append(_address(same.id if same else uow.new_id(), customer_id, draft))
    return wanted


def put_addresses(
    uow: UnitOfWork, customer: Customer, before: Sequence[Address], after: Sequence[Address]
) -> None:
    """Make `after` the addresses of a customer that was saved, in place of `before`.

    Two statements at most, one event per address that differs.
    """
    old = {each.id: each for each in before}
    new = {each.id: each for each in after}
    gone = [id for id in old if old[id] != new.get(id)]
    come = [id for id in new if new[id] != old.get(id)]
    # What changed is written anew: in any other order there might be two defaults for a moment.
    if gone:
        uow.db.execute(delete(addresses).where(among(addresses.c.id, gone)))
    add(uow, addresses, [new[id] for id in come])
    for id in sorted({*gone, *come}):
        what = _EVENTS[id in old, id in new]
        uow.emit(what(customer.id, customer.version, id), before=old.get(id), after=new.get(id))


def _read(uow: UnitOfWork, id: UUID) -> tuple[Customer, Sequence[Address]]:
    customer = queries.customer(uow.db, id)
    MACHINE.check("update", customer.status)
    return customer, queries.addresses_of(uow.db, id)


def _write(
    uow: UnitOfWork, customer: Customer, before: Sequence[Address], after: Sequence[Address]
) -> UUID:
    if {*before} != {*after}:
        put_addresses(uow, save(uow, customers, customer, customer), before, after)
    return customer.id


def _one_of(present: Sequence[Address], id: UUID) -> Address:
    for each in present:
        if each.id == id:
            return each
    raise UnknownCustomerAddress(id).at("address_id")


def _address(id: UUID, customer_id: UUID, draft: AddressDraft) -> Address:
    written = normalised_address(draft)
    values = {each.name: getattr(written, each.name) for each in fields(AddressDraft)}
    return Address(**values, id=id, customer_id=customer_id)


def _without_defaults_of(chosen: Address, others: Sequence[Address]) -> Sequence[Address]:
    """The others, without the defaults that `chosen` takes."""
    return [
        replace(
            each,
            is_default_shipping=each.is_default_shipping and not chosen.is_default_shipping,
            is_default_billing=each.is_default_billing and not chosen.is_default_billing,
        )
        for each in others
    ]


def _is_same_place(address: Address, draft: AddressDraft) -> bool:
    return draft == replace(
        address.draft,
        is_default_shipping=draft.is_default_shipping,
        is_default_billing=draft.is_default_billing,
    )
