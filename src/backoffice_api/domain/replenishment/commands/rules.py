"""What can be done with rules of replenishment: set and removed, many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.model.suppliers import UnknownSupplier
from backoffice_api.domain.replenishment import queries
from backoffice_api.domain.replenishment.commands.measuring import measure
from backoffice_api.domain.replenishment.model import (
    COVERAGE_DAYS_DEFAULT,
    RULES_MAX,
    SERVICE_LEVEL_DEFAULT,
    ReplenishmentMethod,
    ReplenishmentRule,
    ReplenishmentRuleRemoved,
    ReplenishmentRuleSet,
    RulesTouched,
    UnknownReplenishmentRule,
    check_rule,
)
from backoffice_api.domain.replenishment.tables import rules, targets
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.locations import UnknownLocation, VirtualLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """How a variant is to be kept at a location; takes the place of the rule that was."""

    variant_id: UUID
    location_id: UUID
    method: ReplenishmentMethod = ReplenishmentMethod.REORDER_POINT
    minimum: int | None = None
    maximum: int | None = None
    reorder_point: int | None = None
    safety: int | None = None
    service_level_permille: int = SERVICE_LEVEL_DEFAULT
    coverage_days: int = COVERAGE_DAYS_DEFAULT
    supplier_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReplenishmentRules(Command):
    """All of them or none. A place may be named once."""

    scope = Scope.PURCHASING_WRITE
    rules: tuple[RuleDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveReplenishmentRule(Command):
    scope = Scope.PURCHASING_WRITE
    table = rules
    id: UUID


# What a draft says of a rule.
_GIVEN = (
    "method",
    "minimum",
    "maximum",
    "reorder_point",
    "safety",
    "service_level_permille",
    "coverage_days",
    "supplier_id",
)


def set_replenishment_rules(uow: UnitOfWork, command: SetReplenishmentRules) -> RulesTouched:
    """Say how variants are kept at locations. Their reorder points are computed at once.

    A constant number of statements.

    Raises:
        UnknownVariant, UnknownLocation, VirtualLocation, UnknownSupplier: a rule names these.
        MinimumAndMaximumNeeded, Duplicate, OutOfRange, TooMany: the rules are wrong.
    """
    faults = Faults()
    check_size(command.rules, faults, "rules", maximum=RULES_MAX)
    faults.check()
    _check_names(uow, command.rules, faults)
    present = _present(uow, command.rules)
    wanted = []
    for position, draft in enumerate(command.rules):
        rule = _as_said(uow, draft, present.get((draft.variant_id, draft.location_id)))
        check_rule(rule, faults, "rules", position)
        wanted.append(rule)
    faults.check()

    known = {before.id: before for before in present.values()}
    fresh = [rule for rule in wanted if rule.id not in known]
    add(uow, rules, fresh)
    changed = [
        (known[rule.id], rule) for rule in wanted if rule.id in known and known[rule.id] != rule
    ]
    saved = save_all(uow, rules, changed)
    for rule in fresh:
        uow.emit(_told(ReplenishmentRuleSet, rule), after=rule)
    for (before, _), after in zip(changed, saved, strict=True):
        uow.emit(_told(ReplenishmentRuleSet, after), before=before, after=after)
    measure(uow, wanted)
    return RulesTouched(tuple(rule.id for rule in wanted))


def remove_replenishment_rule(uow: UnitOfWork, command: RemoveReplenishmentRule) -> RulesTouched:
    """Let a place be kept by no rule any more.

    Raises:
        UnknownReplenishmentRule: there is none.
    """
    before = queries.rules_by_ids(uow.db, [command.id]).get(command.id)
    if before is None:
        raise UnknownReplenishmentRule(command.id).at("id")
    uow.db.execute(delete(targets).where(targets.c.rule_id == before.id))
    uow.db.execute(delete(rules).where(rules.c.id == before.id))
    uow.emit(_told(ReplenishmentRuleRemoved, before), before=before)
    return RulesTouched(())


def _check_names(uow: UnitOfWork, drafts: Sequence[RuleDraft], faults: Faults) -> None:
    """Note what the rules name that is not there, and places that are named twice."""
    variants = products.variants_by_ids(uow.db, {each.variant_id for each in drafts})
    locations = stock.locations_by_ids(uow.db, {each.location_id for each in drafts})
    suppliers = purchasing.suppliers_by_ids(
        uow.db, {each.supplier_id for each in drafts if each.supplier_id}
    )
    seen = set()
    for position, each in enumerate(drafts):
        here = ("rules", position)
        name = ids.text("sku", each.variant_id)
        if each.variant_id not in variants:
            faults.add(UnknownVariant(name).at(*here, "variant_id"))
        location = locations.get(each.location_id)
        if location is None:
            faults.add(UnknownLocation(each.location_id).at(*here, "location_id"))
        elif not location.kind.is_physical:
            faults.add(VirtualLocation(location.kind).at(*here, "location_id"))
        if each.supplier_id and each.supplier_id not in suppliers:
            faults.add(UnknownSupplier(each.supplier_id.hex).at(*here, "supplier_id"))
        if (place := (each.variant_id, each.location_id)) in seen:
            faults.add(Duplicate(name).at(*here))
        seen.add(place)


def _present(
    uow: UnitOfWork, drafts: Sequence[RuleDraft]
) -> Mapping[tuple[UUID, UUID], ReplenishmentRule]:
    places = {(each.variant_id, each.location_id) for each in drafts}
    statement = select_as(ReplenishmentRule, rules).where(
        among(rules.c.variant_id, {variant_id for variant_id, _ in places}),
        among(rules.c.location_id, {location_id for _, location_id in places}),
    )
    found = fetch(uow.db, ReplenishmentRule, statement)
    by_place = {(each.variant_id, each.location_id): each for each in found}
    return {place: rule for place, rule in by_place.items() if place in places}


def _as_said(
    uow: UnitOfWork, draft: RuleDraft, before: ReplenishmentRule | None
) -> ReplenishmentRule:
    given = {name: getattr(draft, name) for name in _GIVEN}
    if before:
        return replace(before, **given)
    return ReplenishmentRule(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        variant_id=draft.variant_id,
        location_id=draft.location_id,
        **given,
    )


def _told(
    event: type[ReplenishmentRuleSet] | type[ReplenishmentRuleRemoved], rule: ReplenishmentRule
) -> ReplenishmentRuleSet | ReplenishmentRuleRemoved:
    return event(rule.id, rule.version, rule.variant_id, rule.location_id)
