"""Setting the custom fields of customers."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.custom_fields.commands.values import patch_of, put_values
from backoffice_api.domain.custom_fields.model.definitions import OwnerType
from backoffice_api.domain.custom_fields.model.values import FieldPatch
from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.model import MACHINE
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCustomerFields(Command):
    """Fields that are not named stay as they are."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    custom_fields: tuple[FieldPatch, ...]


def set_customer_fields(uow: UnitOfWork, command: SetCustomerFields) -> UUID:
    """Set or clear custom fields of a customer. Its id.

    What is so already changes nothing.

    Raises:
        UnknownCustomer, InvalidTransition.
        UnknownCustomField, InvalidCustomFieldValue, StaleCustomField, TooMany, Duplicate.
    """
    before = queries.customer(uow.db, command.id)
    MACHINE.check("update", before.status)
    patch = patch_of(uow, OwnerType.CUSTOMER, before.id, command.custom_fields)
    if patch:
        put_values(uow, patch, save(uow, customers, before, before).version)
    return before.id
