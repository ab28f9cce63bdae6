"""From suggestions to drafts of purchase orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.commands.drafts import (
    CreatePurchaseOrder,
    create_purchase_order,
)
from backoffice_api.domain.purchasing.commands.lines import PurchaseLineDraft
from backoffice_api.domain.purchasing.model.items import SupplierItem
from backoffice_api.domain.purchasing.model.lines import LINES_MAX
from backoffice_api.domain.replenishment import queries
from backoffice_api.domain.replenishment.model import (
    QUANTITY_MAX,
    RULES_MAX,
    NobodySellsIt,
    NothingSuggested,
    OrdersMade,
    UnknownReplenishmentRule,
)
from backoffice_api.domain.replenishment.tables import rules, targets


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSuggestion:
    """A suggestion that is to be ordered. `quantity` None: as suggested now."""

    rule_id: UUID
    quantity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSuggestions(Command):
    """All of them or none. A rule may be named once."""

    scope = Scope.PURCHASING_WRITE
    chosen: tuple[ChosenSuggestion, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a rule has goods arrive, and what it has bought."""

    location_id: UUID
    variant_id: UUID
    supplier_item_id: UUID | None


def order_suggestions(uow: UnitOfWork, command: OrderSuggestions) -> OrdersMade:
    """Make drafts of purchase orders, one per supplier and location, of what is suggested.

    What was drafted counts as ordered, so nothing is suggested twice: rules are held still until
    the end, and whoever orders the same at once finds nothing suggested any more.

    Raises:
        UnknownReplenishmentRule: there is no such rule.
        NothingSuggested: there is enough of it by now, and no quantity is given.
        NobodySellsIt: no supplier item is known.
        PriceNeeded: the supplier has no price for it.
        Duplicate, OutOfRange, TooMany: the input is wrong.
    """
    faults = Faults()
    check_size(command.chosen, faults, "chosen", maximum=RULES_MAX)
    faults.check()
    rule_ids = [each.rule_id for each in command.chosen]
    places = _held(uow, rule_ids)
    suggested = queries.suggestions_by_rules(uow.db, rule_ids)
    wanted = {place.supplier_item_id for place in places.values() if place.supplier_item_id}
    items = purchasing.items_by_ids(uow.db, wanted)
    groups: dict[tuple[UUID, UUID], list[PurchaseLineDraft]] = {}
    seen: set[UUID] = set()
    for position, each in enumerate(command.chosen):
        here = ("chosen", position)
        place = places.get(each.rule_id)
        if place is None:
            faults.add(UnknownReplenishmentRule(each.rule_id).at(*here, "rule_id"))
            continue
        if each.rule_id in seen:
            faults.add(Duplicate(ids.text("rpl", each.rule_id)).at(*here, "rule_id"))
        seen.add(each.rule_id)
        check_range(each.quantity, faults, *here, "quantity", minimum=1, maximum=QUANTITY_MAX)
        suggestion = suggested.get(each.rule_id)
        quantity = each.quantity or (suggestion.quantity if suggestion else 0)
        item = items.get(place.supplier_item_id) if place.supplier_item_id else None
        if not quantity:
            faults.add(NothingSuggested(each.rule_id).at(*here))
        elif item is None:
            faults.add(NobodySellsIt(_sku(uow, place.variant_id)).at(*here))
        else:
            group = groups.setdefault((item.supplier_id, place.location_id), [])
            group.append(_line(item, quantity))
    faults.check()
    return OrdersMade(tuple(_orders(uow, groups)))


def _held(uow: UnitOfWork, rule_ids: Sequence[UUID]) -> Mapping[UUID, _Place]:
    """What the rules have bought where; the rules are held still until the transaction ends."""
    statement = (
        select(rules.c.id, rules.c.location_id, rules.c.variant_id, targets.c.supplier_item_id)
        .join_from(rules, targets, targets.c.rule_id == rules.c.id)
        .where(among(rules.c.id, rule_ids))
        .order_by(rules.c.id)
        .with_for_update(of=rules)
    )
    return {row[0]: _Place(row[1], row[2], row[3]) for row in uow.db.execute(statement)}


def _sku(uow: UnitOfWork, variant_id: UUID) -> str:
    return products.variants_by_ids(uow.db, [variant_id])[variant_id].sku


def _line(item: SupplierItem, quantity: int) -> PurchaseLineDraft:
    return PurchaseLineDraft(supplier_sku=item.supplier_sku, quantity=quantity)


def _orders(
    uow: UnitOfWork, groups: Mapping[tuple[UUID, UUID], Sequence[PurchaseLineDraft]]
) -> Sequence[UUID]:
    made = []
    for (supplier_id, location_id), lines in groups.items():
        for start in range(0, len(lines), LINES_MAX):
            command = CreatePurchaseOrder(
                supplier_id=supplier_id,
                location_id=location_id,
                lines=tuple(lines[start : start + LINES_MAX]),
            )
            made.append(create_purchase_order(uow, command))
    return made
