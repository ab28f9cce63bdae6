"""What can be done with rules of putting away and pick faces: made, set, removed."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, func, select

from backoffice_api.domain.catalog import queries as catalog
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.slotting import queries
from backoffice_api.domain.slotting.model import (
    PRIORITY_DEFAULT,
    RULES_MAX,
    PickFace,
    PickFaceRemoved,
    PickFaceSet,
    PutawayRule,
    PutawayRuleCreated,
    PutawayRuleRemoved,
    UnknownPickFace,
    UnknownPutawayRule,
    check_face,
    check_rule,
)
from backoffice_api.domain.slotting.tables import pick_faces, putaway_rules
from backoffice_api.domain.stock.commands.ledger import hold_locations
from backoffice_api.domain.stock.commands.levels import unfit
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.lots import Tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePutawayRule(Command):
    scope = Scope.STOCK_WRITE
    from_location_id: UUID
    to_location_id: UUID
    priority: int = PRIORITY_DEFAULT
    bucket: Bucket = Bucket.SELLABLE
    variant_id: UUID | None = None
    product_id: UUID | None = None
    category_id: UUID | None = None
    shipped_min: int | None = None
    tracking: Tracking | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePutawayRule(Command):
    scope = Scope.STOCK_WRITE
    table = putaway_rules
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPickFace(Command):
    """Takes the place of what was said of this variant at this location."""

    scope = Scope.STOCK_WRITE
    location_id: UUID
    variant_id: UUID
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePickFace(Command):
    scope = Scope.STOCK_WRITE
    table = pick_faces
    id: UUID


def create_putaway_rule(uow: UnitOfWork, command: CreatePutawayRule) -> UUID:
    """Say where pieces go that lie where goods come in. Id of the rule.

    Raises:
        UnknownLocation, VirtualLocation, ArchivedLocation, UnknownVariant, UnknownProduct,
            UnknownCategory: the rule names these.
        PutawayStays, OutOfRange: it makes no sense.
        TooMany: there are `RULES_MAX` already, and no more are asked.
    """
    rule = PutawayRule(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        from_location_id=command.from_location_id,
        to_location_id=command.to_location_id,
        priority=command.priority,
        bucket=command.bucket,
        variant_id=command.variant_id,
        product_id=command.product_id,
        category_id=command.category_id,
        shipped_min=command.shipped_min,
        tracking=command.tracking,
    )
    faults = Faults()
    check_rule(faults, rule)
    _check_places(
        uow, faults, from_location_id=rule.from_location_id, to_location_id=rule.to_location_id
    )
    if rule.variant_id:
        _check_variant(uow, faults, rule.variant_id)
    faults.check()
    if rule.product_id:
        products.product(uow.db, rule.product_id, "product_id")
    if rule.category_id:
        catalog.category(uow.db, rule.category_id, "category_id")
    if uow.db.execute(select(func.count()).select_from(putaway_rules)).scalar_one() >= RULES_MAX:
        raise TooMany(RULES_MAX)
    add(uow, putaway_rules, [rule])
    uow.emit(PutawayRuleCreated(rule.id, rule.version), after=rule)
    return rule.id


def remove_putaway_rule(uow: UnitOfWork, command: RemovePutawayRule) -> UUID:
    """Put pieces away by a rule no more. The id it had.

    Raises:
        UnknownPutawayRule: there is none.
    """
    before = queries.putaway_rules_by_ids(uow.db, [command.id]).get(command.id)
    if before is None:
        raise UnknownPutawayRule(command.id).at("id")
    uow.db.execute(delete(putaway_rules).where(putaway_rules.c.id == before.id))
    uow.emit(PutawayRuleRemoved(before.id, before.version), before=before)
    return before.id


def set_pick_face(uow: UnitOfWork, command: SetPickFace) -> UUID:
    """Have a place that is picked from filled as soon as there are few pieces. Its id.

    Raises:
        UnknownLocation, VirtualLocation, ArchivedLocation, UnknownVariant.
        PickFaceNeverFilled, OutOfRange: the quantities make no sense.
    """
    faults = Faults()
    check_face(faults, command.minimum, command.maximum)
    _check_places(uow, faults, location_id=command.location_id)
    _check_variant(uow, faults, command.variant_id)
    faults.check()
    of = pick_faces.c
    statement = select_as(PickFace, pick_faces).where(
        of.location_id == command.location_id, of.variant_id == command.variant_id
    )
    before = next(iter(fetch(uow.db, PickFace, statement)), None)
    if before is None:
        after = PickFace(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            location_id=command.location_id,
            variant_id=command.variant_id,
            minimum=command.minimum,
            maximum=command.maximum,
        )
        add(uow, pick_faces, [after])
    else:
        changed = replace(before, minimum=command.minimum, maximum=command.maximum)
        after = save(uow, pick_faces, before, changed)
    event = PickFaceSet(after.id, after.version, after.minimum, after.maximum)
    uow.emit(event, before=before, after=after)
    return after.id


def remove_pick_face(uow: UnitOfWork, command: RemovePickFace) -> UUID:
    """Fill a place no more. The id it had.

    Raises:
        UnknownPickFace: there is none.
    """
    before = queries.pick_faces_by_ids(uow.db, [command.id]).get(command.id)
    if before is None:
        raise UnknownPickFace(command.id).at("id")
    uow.db.execute(delete(pick_faces).where(pick_faces.c.id == before.id))
    uow.emit(PickFaceRemoved(before.id, before.version), before=before)
    return before.id


def _check_places(uow: UnitOfWork, faults: Faults, **named: UUID) -> None:
    held = hold_locations(uow, set(named.values()))
    for name, id in named.items():
        faults.extend(fault.at(name) for fault in unfit(held.get(id), id))


def _check_variant(uow: UnitOfWork, faults: Faults, id: UUID) -> None:
    if id not in products.variants_by_ids(uow.db, [id]):
        faults.add(UnknownVariant(ids.text("sku", id)).at("variant_id"))
