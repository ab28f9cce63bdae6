"""Setting the custom fields of products and variants."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.custom_fields.commands.values import patch_of, put_values
from backoffice_api.domain.custom_fields.model.definitions import OwnerType
from backoffice_api.domain.custom_fields.model.values import FieldPatch
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.model import MACHINE
from backoffice_api.domain.products.tables import products, variants


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProductFields(Command):
    """Fields that are not named stay as they are."""

    scope = Scope.PRODUCTS_WRITE
    table = products
    id: UUID
    custom_fields: tuple[FieldPatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVariantFields(Command):
    """Fields that are not named stay as they are."""

    scope = Scope.PRODUCTS_WRITE
    table = variants
    id: UUID
    custom_fields: tuple[FieldPatch, ...]


def set_product_fields(uow: UnitOfWork, command: SetProductFields) -> UUID:
    """Set or clear custom fields of a product. Its id.

    What is so already changes nothing.

    Raises:
        UnknownProduct, InvalidTransition.
        UnknownCustomField, InvalidCustomFieldValue, StaleCustomField, TooMany, Duplicate.
    """
    before = queries.product(uow.db, command.id)
    MACHINE.check("update", before.status)
    patch = patch_of(uow, OwnerType.PRODUCT, before.id, command.custom_fields)
    if patch:
        put_values(uow, patch, save(uow, products, before, before).version)
    return before.id


def set_variant_fields(uow: UnitOfWork, command: SetVariantFields) -> UUID:
    """Set or clear custom fields of a variant. Its id.

    What is so already changes nothing.

    Raises:
        UnknownVariant, InvalidTransition.
        UnknownCustomField, InvalidCustomFieldValue, StaleCustomField, TooMany, Duplicate.
    """
    before = queries.variant(uow.db, command.id)
    MACHINE.check("update", before.status)
    patch = patch_of(uow, OwnerType.VARIANT, before.id, command.custom_fields)
    if patch:
        put_values(uow, patch, save(uow, variants, before, before).version)
    return before.id
