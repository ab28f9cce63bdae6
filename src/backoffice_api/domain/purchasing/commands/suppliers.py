"""What can be done with suppliers: made, changed, taken out of use and into use again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete

from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.model.suppliers import (
    MACHINE,
    Contact,
    OverReceiptPolicy,
    Supplier,
    SupplierAddress,
    SupplierArchived,
    SupplierCodeTaken,
    SupplierCreated,
    SupplierProfile,
    SupplierRestored,
    SupplierTaxIdTaken,
    SupplierUpdated,
    check_supplier,
)
from backoffice_api.domain.purchasing.tables.suppliers import (
    supplier_addresses,
    supplier_contacts,
    supplier_tax_ids,
    suppliers,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSupplier(Command):
    scope = Scope.PURCHASING_WRITE
    code: str
    name: str
    currency: str
    payment_days: int = 30
    incoterm: str | None = None
    lead_time_days: int = 0
    minimum_order: Money | None = None
    over_receipt: OverReceiptPolicy = OverReceiptPolicy.REFUSE
    over_tolerance_percent: int = 0
    short_tolerance_percent: int = 0
    note: str = ""
    contacts: tuple[Contact, ...] = ()
    addresses: tuple[SupplierAddress, ...] = ()
    tax_ids: tuple[TaxId, ...] = ()
    external_ids: tuple[ExternalId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSupplier(Command):
    """The currency cannot change. A list takes the place of the one that was."""

    scope = Scope.PURCHASING_WRITE
    table = suppliers
    id: UUID
    code: str | Keep = KEEP
    name: str | Keep = KEEP
    payment_days: int | Keep = KEEP
    incoterm: str | Keep | None = KEEP
    lead_time_days: int | Keep = KEEP
    minimum_order: Money | Keep | None = KEEP
    over_receipt: OverReceiptPolicy | Keep = KEEP
    over_tolerance_percent: int | Keep = KEEP
    short_tolerance_percent: int | Keep = KEEP
    note: str | Keep = KEEP
    contacts: tuple[Contact, ...] | Keep = KEEP
    addresses: tuple[SupplierAddress, ...] | Keep = KEEP
    tax_ids: tuple[TaxId, ...] | Keep = KEEP
    external_ids: tuple[ExternalId, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSupplier(Command):
    scope = Scope.PURCHASING_WRITE
    table = suppliers
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSupplier(Command):
    scope = Scope.PURCHASING_WRITE
    table = suppliers
    id: UUID


# What a command gives as it is stored.
_GIVEN = tuple(
    each.name for each in fields(UpdateSupplier) if each.name not in ("id", "minimum_order")
)


def create_supplier(uow: UnitOfWork, command: CreateSupplier) -> UUID:
    """Make a supplier. Its id.

    Raises:
        SupplierCodeTaken, SupplierTaxIdTaken, ExternalIdTaken: another one has it.
        UnknownCurrency, CurrencyMismatch, AmountBelowZero, InvalidText, OutOfRange and the
        faults of contacts, addresses and tax ids: the input is wrong.
    """
    exponent(command.currency)
    given = {name: getattr(command, name) for name in _GIVEN}
    profile = SupplierProfile(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        status=MACHINE.start,
        currency=command.currency,
        minimum_order_minor=_minimum(command.minimum_order, command.currency),
        **given,
    )
    made = _checked(uow, profile)
    _check_free(uow, made.code)
    add(uow, suppliers, [made.row])
    _put_lists(uow, None, made)
    uow.emit(SupplierCreated(made.id, made.version, made.name), after=made)
    return made.id


def update_supplier(uow: UnitOfWork, command: UpdateSupplier) -> UUID:
    """Change what is given of a supplier; what is absent stays. Its id.

    Raises:
        UnknownSupplier, InvalidTransition.
        SupplierCodeTaken, SupplierTaxIdTaken, ExternalIdTaken: another one has it.
        The faults of `create_supplier`.
    """
    before = queries.supplier_profile(uow.db, command.id)
    MACHINE.check("update", before.status)
    given: Mapping[str, Any] = {
        name: patched(getattr(command, name), getattr(before, name)) for name in _GIVEN
    }
    minimum = (
        before.minimum_order_minor
        if command.minimum_order is KEEP
        else _minimum(command.minimum_order, before.currency)
    )
    after = _checked(uow, replace(before, **given, minimum_order_minor=minimum))
    if after.code != before.code:
        _check_free(uow, after.code)
    saved = save(uow, suppliers, before.row, after.row)
    _put_lists(uow, before, after)
    uow.emit(SupplierUpdated(saved.id, saved.version, saved.name), before=before, after=after)
    return saved.id


def archive_supplier(uow: UnitOfWork, command: ArchiveSupplier) -> UUID:
    """Take a supplier out of use: no orders are made for it any more. Its id.

    Raises:
        UnknownSupplier, InvalidTransition.
    """
    before = queries.supplier(uow.db, command.id)
    after = _move(uow, before, "archive")
    uow.emit(SupplierArchived(after.id, after.version, after.name), before=before, after=after)
    return after.id


def restore_supplier(uow: UnitOfWork, command: RestoreSupplier) -> UUID:
    """Take an archived supplier into use again. Its id.

    Raises:
        UnknownSupplier, InvalidTransition.
    """
    before = queries.supplier(uow.db, command.id)
    after = _move(uow, before, "restore")
    uow.emit(SupplierRestored(after.id, after.version, after.name), before=before, after=after)
    return after.id


def _minimum(amount: Money | None, currency: str) -> int | None:
    if amount is None:
        return None
    if amount.currency != currency:
        raise CurrencyMismatch(currency, amount.currency).at("minimum_order")
    return amount.minor


def _checked(uow: UnitOfWork, profile: SupplierProfile) -> SupplierProfile:
    """The profile in canonical form. Raises what is wrong with it."""
    faults = Faults()
    checked = check_supplier(profile, faults)
    faults.check()
    owners = queries.owners_by_tax_ids(uow.db, checked.tax_ids)
    for position, each in enumerate(checked.tax_ids):
        if owners.get(each, checked.id) != checked.id:
            faults.add(SupplierTaxIdTaken().at("tax_ids", position, "value"))
    faults.check()
    return checked


def _check_free(uow: UnitOfWork, code: str) -> None:
    if queries.suppliers_by_codes(uow.db, [code]):
        raise SupplierCodeTaken(code).at("code")


def _put_lists(uow: UnitOfWork, before: SupplierProfile | None, after: SupplierProfile) -> None:
    """Write those lists of a supplier that differ, and let the search find it."""
    if after.contacts != (before.contacts if before else ()):
        _replace(uow, supplier_contacts, after.id, after.contacts)
    if after.addresses != (before.addresses if before else ()):
        _replace(uow, supplier_addresses, after.id, after.addresses)
    if after.tax_ids != (before.tax_ids if before else ()):
        uow.db.execute(delete(supplier_tax_ids).where(supplier_tax_ids.c.supplier_id == after.id))
        rows = [
            {"kind": each.kind, "value": each.value, "supplier_id": after.id}
            for each in after.tax_ids
        ]
        if rows:
            uow.db.execute(supplier_tax_ids.insert(), rows)
    if after.external_ids != (before.external_ids if before else ()):
        names.put(uow.db, "sup", after.id, after.external_ids)
    keys = (each.key for each in after.external_ids)
    search.put(uow.db, "sup", {after.id: (after.code, after.name, *keys)})


def _replace(
    uow: UnitOfWork, table: Table, id: UUID, values: Sequence[Contact | SupplierAddress]
) -> None:
    uow.db.execute(delete(table).where(table.c.supplier_id == id))
    rows = [
        {
            "supplier_id": id,
            "position": position,
            **{field.name: getattr(each, field.name) for field in fields(each)},
        }
        for position, each in enumerate(values)
    ]
    if rows:
        uow.db.execute(table.insert(), rows)


def _move(uow: UnitOfWork, before: Supplier, action: str) -> Supplier:
    """The only place that changes the status of a supplier."""
    status = MACHINE.check(action, before.status)
    return save(uow, suppliers, before, replace(before, status=status))
