"""Making a variant a kit, which is possible only while it has no stock of its own."""

from uuid import UUID

from sqlalchemy import exists, select

from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.commands.kits import SetComponents, put_components
from backoffice_api.domain.products.model import MACHINE
from backoffice_api.domain.products.model.kits import KeptInStock
from backoffice_api.domain.stock.tables import levels


def set_components(uow: UnitOfWork, command: SetComponents) -> UUID:
    """Say what a variant is put together from, or that it is no kit any more. Its id.

    Lines of orders that are there already keep what they were made of.

    Raises:
        UnknownVariant, InvalidTransition.
        KeptInStock: it has stock of its own, or had.
        NestedKit: a component is a kit, or the variant is part of one.
        ItsOwnComponent, Duplicate, OutOfRange, TooMany: the components make no sense.
    """
    before = products.variant(uow.db, command.id)
    MACHINE.check("update", before.status)
    # A level that somebody makes after this look breaks a foreign key, and this is tried again.
    is_kept = select(exists().where(levels.c.variant_id == before.id))
    if command.components and uow.db.execute(is_kept).scalar_one():
        raise KeptInStock(before.sku).at("id")
    return put_components(uow, before, command.components).id
