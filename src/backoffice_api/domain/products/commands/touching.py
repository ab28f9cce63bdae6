"""For contexts above that keep something of a product or a variant: its version counts it.

Who changes what belongs to a product in another table begins here. So the product is there and in
use, nobody else changes it until the transaction ends, and `expectedVersion` sees the change.
"""

from uuid import UUID

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.model import MACHINE, Product, Variant
from backoffice_api.domain.products.tables import products, variants


def touch_product(uow: UnitOfWork, id: UUID) -> Product:
    """The product with its new version.

    Raises:
        UnknownProduct, InvalidTransition.
    """
    before = queries.product(uow.db, id)
    MACHINE.check("update", before.status)
    return save(uow, products, before, before)


def touch_variant(uow: UnitOfWork, id: UUID) -> Variant:
    """The variant with its new version.

    Raises:
        UnknownVariant, InvalidTransition.
    """
    before = queries.variant(uow.db, id)
    MACHINE.check("update", before.status)
    return save(uow, variants, before, before)
