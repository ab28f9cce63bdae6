"""What can be done with customers: made, changed, archived, restored, set as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.commands.addresses import as_described, put_addresses
from backoffice_api.domain.customers.model import (
    MACHINE,
    AddressDraft,
    Customer,
    CustomerArchived,
    CustomerCreated,
    CustomerDraft,
    CustomerKind,
    CustomerRestored,
    CustomerStatus,
    CustomerUpdated,
    Profile,
    TaxId,
    TaxIdTaken,
    canonical,
    check_addresses,
)
from backoffice_api.domain.customers.queries.numbers import sorted_tax_ids, tax_id_index
from backoffice_api.domain.customers.tables import customers, tags, tax_ids
from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCustomer(Command):
    scope = Scope.CUSTOMERS_WRITE
    draft: CustomerDraft
    addresses: tuple[AddressDraft, ...] = ()
    external_ids: tuple[ExternalId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCustomer(Command):
    """Tags, tax ids and external ids are replaced as a whole where they are given."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    kind: CustomerKind | Keep = KEEP
    name: str | Keep = KEEP
    email: str | Keep | None = KEEP
    phone: str | Keep | None = KEEP
    locale: str | Keep | None = KEEP
    country: str | Keep | None = KEEP
    note: str | Keep | None = KEEP
    tags: tuple[str, ...] | Keep = KEEP
    tax_ids: tuple[TaxId, ...] | Keep = KEEP
    external_ids: tuple[ExternalId, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveCustomer(Command):
    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCustomer(Command):
    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCustomer(Command):
    """The customer known as `external_id`, as it is to be, with all its addresses.

    External ids that it has in other systems stay.
    """

    scope = Scope.CUSTOMERS_WRITE
    external_id: ExternalId
    draft: CustomerDraft
    addresses: tuple[AddressDraft, ...] = ()


def create_customer(uow: UnitOfWork, command: CreateCustomer) -> UUID:
    """Make a customer with its addresses. Its id.

    Raises:
        TaxIdTaken, ExternalIdTaken: another one has it.
        InvalidText, InvalidEmail, InvalidPhone, InvalidLocale, UnknownCountry, InvalidTaxId,
        InvalidAddressLines, SeveralDefaults, TooMany, Duplicate: the input is wrong.
    """
    faults = Faults()
    names.check(command.external_ids, faults)
    return _create(uow, uow.new_id(), command, faults)


def update_customer(uow: UnitOfWork, command: UpdateCustomer) -> UUID:
    """Change what is given of a customer; what is absent stays. Its id.

    Nothing happens if nothing differs.

    Raises:
        UnknownCustomer, InvalidTransition.
        TaxIdTaken, ExternalIdTaken: another one has it.
        InvalidText, InvalidEmail, InvalidPhone, InvalidLocale, UnknownCountry, InvalidTaxId,
        TooMany, Duplicate: the input is wrong.
    """
    before = queries.profile(uow.db, command.id)
    MACHINE.check("update", before.status)
    given = {
        each.name: patched(getattr(command, each.name), getattr(before, each.name))
        for each in fields(CustomerDraft)
    }
    faults = Faults()
    external_ids = patched(command.external_ids, before.external_ids)
    if command.external_ids is not KEEP:
        # A customer with a duplicate merged into it may have two keys of one system.
        names.check(external_ids, faults)
    after = replace(
        before,
        external_ids=_sorted_names(external_ids),
        **_described(uow, before.id, CustomerDraft(**given), faults),
    )
    faults.check()
    if after != before:
        _update(uow, before, after)
    return before.id


def archive_customer(uow: UnitOfWork, command: ArchiveCustomer) -> UUID:
    """Take a customer out of use. What names it keeps its name. Its id.

    Raises:
        UnknownCustomer, InvalidTransition.
    """
    before = queries.customer(uow.db, command.id)
    after = _move(uow, before, "archive")
    uow.emit(CustomerArchived(after.id, after.version), before=before, after=after)
    return after.id


def restore_customer(uow: UnitOfWork, command: RestoreCustomer) -> UUID:
    """Take an archived customer into use again. Its id.

    Raises:
        UnknownCustomer, InvalidTransition.
    """
    before = queries.customer(uow.db, command.id)
    after = _move(uow, before, "restore")
    uow.emit(CustomerRestored(after.id, after.version), before=before, after=after)
    return after.id


def set_customer(uow: UnitOfWork, command: SetCustomer) -> UUID:
    """Make the customer that another system knows by a key be as described. Its id.

    It is created if there is none, and restored if it is archived; otherwise only what differs is
    changed, so that doing it twice changes nothing the second time. The effects tell what was
    changed.

    Raises:
        TaxIdTaken: another customer has it.
        InvalidText, InvalidEmail, InvalidPhone, InvalidLocale, UnknownCountry, InvalidTaxId,
        InvalidAddressLines, SeveralDefaults, TooMany, Duplicate: the input is wrong.
    """
    name = command.external_id
    faults = Faults()
    check_text(name.system, faults, "external_id", "system", maximum=names.SYSTEM_LENGTH_MAX)
    check_text(name.key, faults, "external_id", "key")
    found = names.find(uow.db, "cus", [name]).get(name)
    if found is None:
        id = uow.new_id()
        if not any(faults):
            # Before anything else is read: who does the same at the same time waits here, is
            # tried again, and finds what this one made.
            names.add(uow.db, "cus", {id: [name]})
        create = CreateCustomer(
            draft=command.draft, addresses=command.addresses, external_ids=(name,)
        )
        return _create(uow, id, create, faults)
    before = queries.profile(uow.db, found)
    if before.status is CustomerStatus.ARCHIVED:
        restore_customer(uow, RestoreCustomer(id=found))
        before = queries.profile(uow.db, found)
    check_addresses(command.addresses, faults)
    after = replace(before, **_described(uow, found, command.draft, faults))
    faults.check()
    present = queries.addresses_of(uow.db, found)
    wanted = as_described(uow, found, present, command.addresses)
    if after != before or {*wanted} != {*present}:
        saved = _update(uow, before, after)
        put_addresses(uow, saved, present, wanted)
    return found


def _create(uow: UnitOfWork, id: UUID, command: CreateCustomer, faults: Faults) -> UUID:
    check_addresses(command.addresses, faults)
    made = Profile(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        status=MACHINE.start,
        external_ids=_sorted_names(command.external_ids),
        **_described(uow, id, command.draft, faults),
    )
    faults.check()
    add(uow, customers, [made.row], email_key=[_key(made)])
    _put_lists(uow, None, made)
    uow.emit(CustomerCreated(made.id, made.version), after=made)
    put_addresses(uow, made, (), as_described(uow, made.id, (), command.addresses))
    return made.id


def _described(uow: UnitOfWork, id: UUID, draft: CustomerDraft, faults: Faults) -> dict[str, Any]:
    """What the draft says of the customer `id`, in canonical form, by the fields of a profile."""
    draft = canonical(draft, faults)
    owners = queries.owners_by_tax_ids(uow.db, draft.tax_ids)
    for position, each in enumerate(draft.tax_ids):
        if owners.get(each, id) != id:
            faults.add(TaxIdTaken(each.kind).at("tax_ids", position, "value"))
    values = {each.name: getattr(draft, each.name) for each in fields(draft)}
    values["tags"] = tuple(sorted(draft.tags))
    values["tax_ids"] = sorted_tax_ids(draft.tax_ids)
    return values


def _sorted_names(given: Sequence[ExternalId]) -> tuple[ExternalId, ...]:
    return tuple(sorted(given, key=lambda each: (each.system, each.key)))


def _update(uow: UnitOfWork, before: Profile, after: Profile) -> Customer:
    """Save the customer, even if only its addresses differ, and tell what differs."""
    saved = save_profile(uow, before, after)
    if after != before:
        uow.emit(CustomerUpdated(saved.id, saved.version), before=before, after=after)
    return saved


def save_profile(uow: UnitOfWork, before: Profile, after: Profile) -> Customer:
    """Write a customer with its lists over what it was. Telling is left to the caller.

    Raises:
        StaleVersion: somebody else changed it in between.
        ExternalIdTaken: another one has it.
    """
    saved = _save(uow, before.row, after.row)
    if after != before:
        _put_lists(uow, before, after)
    return saved


def _put_lists(uow: UnitOfWork, before: Profile | None, after: Profile) -> None:
    """Write those lists of a customer that differ, and let the search find it."""
    if after.tags != (before.tags if before else ()):
        uow.db.execute(delete(tags).where(tags.c.customer_id == after.id))
        if after.tags:
            rows = [{"customer_id": after.id, "tag": tag} for tag in after.tags]
            uow.db.execute(tags.insert(), rows)
    if after.tax_ids != (before.tax_ids if before else ()):
        uow.db.execute(delete(tax_ids).where(tax_ids.c.customer_id == after.id))
        if after.tax_ids:
            rows = [
                {
                    "kind": each.kind,
                    "value": each.value,
                    "value_index": tax_id_index(each),
                    "customer_id": after.id,
                }
                for each in after.tax_ids
            ]
            uow.db.execute(tax_ids.insert(), rows)
    if after.external_ids != (before.external_ids if before else ()):
        names.put(uow.db, "cus", after.id, after.external_ids)
    keys = (each.key for each in after.external_ids)
    search.put(uow.db, "cus", {after.id: (after.name, after.email, *keys)})


def _move(uow: UnitOfWork, before: Customer, action: str) -> Customer:
    """The only place that changes the status of a customer."""
    return _save(uow, before, replace(before, status=MACHINE.check(action, before.status)))


def _save(uow: UnitOfWork, before: Customer, after: Customer) -> Customer:
    return save(uow, customers, before, after, email_key=_key(after))


def _key(customer: Customer) -> str | None:
    return email_key(customer.email) if customer.email else None
