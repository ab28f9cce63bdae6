"""How kits are written. What has stock of its own is for stock to know, which calls this."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.drafts import key_of
from backoffice_api.domain.products.model import UnknownVariant, Variant, VariantKind
from backoffice_api.domain.products.model.kits import (
    Component,
    ComponentsSet,
    Kit,
    NestedKit,
    check_components,
)
from backoffice_api.domain.products.tables import kit_components, variants


@dataclass(frozen=True, slots=True, kw_only=True)
class SetComponents(Command):
    """What one kit is made of, in place of what it was made of. None: it is no kit."""

    scope = Scope.PRODUCTS_WRITE
    table = variants
    id: UUID
    components: tuple[Component, ...]


def put_components(uow: UnitOfWork, before: Variant, components: Sequence[Component]) -> Variant:
    """Make a variant the kit of these components, in place of those it had; none: it is no kit.

    A constant number of statements.

    Raises:
        UnknownVariant: a component is not there.
        NestedKit: a component is a kit, or the variant is part of one.
        ItsOwnComponent, Duplicate, OutOfRange, TooMany: the components make no sense.
    """
    faults = Faults()
    check_components(faults, before.id, components)
    faults.check()
    found = queries.variants_by_ids(uow.db, {each.variant_id for each in components})
    for position, each in enumerate(components):
        here = ("components", position, "variant_id")
        if (component := found.get(each.variant_id)) is None:
            faults.add(UnknownVariant(ids.text("sku", each.variant_id)).at(*here))
        elif component.kind is VariantKind.KIT:
            faults.add(NestedKit(component.sku).at(*here))
    if components and before.id in queries.used_in_kits(uow.db, [before.id]):
        faults.add(NestedKit(before.sku).at("id"))
    faults.check()

    present = queries.components_by_kits(uow.db, [before.id]).get(before.id, ())
    uow.db.execute(delete(kit_components).where(kit_components.c.kit_id == before.id))
    kind = VariantKind.KIT if components else VariantKind.SINGLE
    after = save(uow, variants, before, replace(before, kind=kind), options_key=key_of(before))
    if components:
        rows = [
            {
                "kit_id": before.id,
                "component_id": each.variant_id,
                "position": position,
                "quantity": each.quantity,
            }
            for position, each in enumerate(components)
        ]
        uow.db.execute(kit_components.insert(), rows)
    event = ComponentsSet(after.id, after.version, after.sku, len(components))
    uow.emit(
        event,
        before=Kit(tuple((each.sku, each.quantity) for each in present)),
        after=Kit(tuple((found[each.variant_id].sku, each.quantity) for each in components)),
    )
    return after
