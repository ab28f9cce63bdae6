"""What is told when custom fields of a record are set: one event for each type of record."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.custom_fields.model.definitions import OwnerType
from backoffice_api.domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class FieldsSet(Event):
    """Custom fields were set. The changes of the event say which, and from what to what."""

    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class ProductFieldsSet(FieldsSet):
    type = "product.fields_set"
    subject = "prd"
    summary = "Custom fields of the product were set."


@dataclass(frozen=True, slots=True)
class VariantFieldsSet(FieldsSet):
    type = "variant.fields_set"
    subject = "sku"
    summary = "Custom fields of the variant were set."


@dataclass(frozen=True, slots=True)
class CustomerFieldsSet(FieldsSet):
    type = "customer.fields_set"
    subject = "cus"
    summary = "Custom fields of the customer were set."


@dataclass(frozen=True, slots=True)
class OrderFieldsSet(FieldsSet):
    type = "order.fields_set"
    subject = "ord"
    summary = "Custom fields of the order were set."


FIELDS_SET: Mapping[OwnerType, type[FieldsSet]] = {
    OwnerType.PRODUCT: ProductFieldsSet,
    OwnerType.VARIANT: VariantFieldsSet,
    OwnerType.CUSTOMER: CustomerFieldsSet,
    OwnerType.ORDER: OrderFieldsSet,
}
