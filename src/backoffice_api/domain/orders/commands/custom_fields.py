"""Setting the custom fields of orders."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.custom_fields.commands.values import patch_of, put_values
from backoffice_api.domain.custom_fields.model.definitions import OwnerType
from backoffice_api.domain.custom_fields.model.values import FieldPatch
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.tables import orders


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOrderFields(Command):
    """Fields that are not named stay as they are."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    custom_fields: tuple[FieldPatch, ...]


def set_order_fields(uow: UnitOfWork, command: SetOrderFields) -> UUID:
    """Set or clear custom fields of an order, in any state. Its id.

    What is so already changes nothing.

    Raises:
        UnknownOrder.
        UnknownCustomField, InvalidCustomFieldValue, StaleCustomField, TooMany, Duplicate.
    """
    before = queries.locked_order(uow.db, command.id)
    patch = patch_of(uow, OwnerType.ORDER, before.id, command.custom_fields)
    if patch:
        put_values(uow, patch, save(uow, orders, before, before).version)
    return before.id
