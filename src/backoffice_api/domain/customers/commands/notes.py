"""What can be done with notes about customers: written and removed.

A note changes nothing of the customer, so that its version stays.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.model.accounts import (
    CustomerNoteAdded,
    CustomerNoteRemoved,
    Note,
    UnknownCustomerNote,
    check_note,
)
from backoffice_api.domain.customers.queries.accounts import notes_by_ids
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.customers.tables.accounts import notes
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCustomerNote(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCustomerNote(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    note_id: UUID


def add_note(uow: UnitOfWork, command: AddCustomerNote) -> UUID:
    """Write a note about a customer. Id of the customer.

    Raises:
        UnknownCustomer, InvalidText.
    """
    customer = queries.customer(uow.db, command.id)
    faults = Faults()
    check_note(command.body, faults)
    faults.check()
    actor = uow.caller.actor
    made = Note(
        uow.new_id(), uow.now, customer.id, actor.kind.value, actor.id, command.body.strip()
    )
    add(uow, notes, [made])
    uow.emit(CustomerNoteAdded(customer.id, customer.version, made.id), after=made)
    return customer.id


def remove_note(uow: UnitOfWork, command: RemoveCustomerNote) -> UUID:
    """Remove a note about a customer. Id of the customer.

    Raises:
        UnknownCustomer, UnknownCustomerNote.
    """
    customer = queries.customer(uow.db, command.id)
    gone = notes_by_ids(uow.db, [command.note_id]).get(command.note_id)
    if gone is None or gone.customer_id != customer.id:
        raise UnknownCustomerNote(command.note_id).at("note_id")
    uow.db.execute(delete(notes).where(notes.c.id == gone.id))
    uow.emit(CustomerNoteRemoved(customer.id, customer.version, gone.id), before=gone)
    return customer.id
