"""Price sets begin, and are undone: all their prices at one moment.

What applied before is not touched. A price of a set stands over those of its list that began
before, and ends where the set is undone, so that these apply again; a base price is put back. Both
begin something new, now: what applied in between, and the lowest price of 30 days, stays as it was.
A base price over which another set has put its own by then stays; that set gives back what was
before both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import BigInteger, delete, or_, tuple_, update

from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.approvals.model.events import ApprovalDeclined, ApprovalGranted
from backoffice_api.domain.kernel.aggregates import add, save, save_all
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import StaleVersion
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.pricing.model.lists import ListPrice, ListPricesSet
from backoffice_api.domain.pricing.model.sets import (
    MACHINE,
    PriceSet,
    PriceSetActivated,
    PriceSetCancelled,
    PriceSetDeclined,
    PriceSetEntry,
    PriceSetScheduled,
    PriceSetStatus,
    PriceSetUndone,
    PriceSetUpdated,
    price_of,
)
from backoffice_api.domain.pricing.queries import price_lists_by_ids, sets
from backoffice_api.domain.pricing.tables import (
    list_prices,
    price_lists,
    price_set_entries,
    price_sets,
)
from backoffice_api.domain.products.commands.repricing import reprice

RUN_DUE_JOB = "pricing.run_due_sets"

_NOTE_BEFORE = UpdateEach(
    lambda given: (
        update(price_set_entries)
        .where(price_set_entries.c.id == given("entry_id"))
        .values(before_micro=given("micro"))
    ),
    entry_id=Id(),
    micro=BigInteger(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPriceSet(Command):
    scope = Scope.PRODUCTS_WRITE
    table = price_sets
    id: UUID


@dataclass(frozen=True, slots=True)
class RunDuePriceSets(Command):
    """Run by the worker every minute."""

    scope = Scope.PRODUCTS_WRITE


def begin_if_due(uow: UnitOfWork, before: PriceSet) -> None:
    """Put the prices of a set into force that was agreed to, if its moment has come.

    One whose end has passed by then is called off: it would apply when nobody wants it to.
    """
    if before.status is not PriceSetStatus.SCHEDULED or (before.starts_at or uow.now) > uow.now:
        return
    if before.ends_at and before.ends_at <= uow.now:
        status = MACHINE.check("cancel", before.status)
        after = save(uow, price_sets, before, replace(before, status=status))
        uow.emit(PriceSetCancelled(after.id, after.version, after.code), before=before, after=after)
        return
    entries = sets.entries_of(uow.db, before.id)
    targets = [each.target for each in entries]
    old = sets.present_prices(uow.db, before.currency, targets, uow.now)
    noted = [
        {"entry_id": each.id, "micro": micro}
        for each in entries
        if (micro := old.get(each.target)) is not None
    ]
    _NOTE_BEFORE(uow.db, noted)
    base = [each for each in entries if each.price_list_id is None]
    reprice(uow, before.currency, {each.variant_id: each.unit_price for each in base})
    _list_prices(uow, [each for each in entries if each.price_list_id is not None])
    status = MACHINE.check("begin", before.status)
    changed = replace(before, status=status, activated_at=uow.now)
    after = save(uow, price_sets, before, changed)
    uow.emit(PriceSetActivated(after.id, after.version, after.code), before=before, after=after)


def undo_price_set(uow: UnitOfWork, command: UndoPriceSet) -> UUID:
    """Have what was before apply again, from now on. Id of the set.

    A price that somebody has changed since stays, and is counted in `left_alone`.

    Raises:
        UnknownPriceSet, InvalidTransition.
    """
    return _undo(uow, sets.price_set(uow.db, command.id))


def run_due_price_sets(uow: UnitOfWork, command: RunDuePriceSets) -> int:
    """Have the set that is due first begin, or end. How many these were: one, or none.

    If there may be more, another job goes on: each has a moment of its own.
    """
    found = sets.due_set(uow.db, uow.now)
    if found is None:
        return 0
    if found.status is PriceSetStatus.SCHEDULED:
        begin_if_due(uow, found)
    else:
        _undo(uow, found)
    uow.enqueue(Job(RUN_DUE_JOB))
    return 1


def on_approval_granted(uow: UnitOfWork, event: ApprovalGranted) -> None:
    """Another person agreed: the set begins at its moment, or now if that has passed."""
    if event.kind is not ApprovalKind.PRICE_SET:
        return
    before = sets.price_set(uow.db, event.subject_id)
    status = MACHINE.check("approve", before.status)
    after = save(uow, price_sets, before, replace(before, status=status))
    uow.emit(PriceSetScheduled(after.id, after.version, after.code), before=before, after=after)
    begin_if_due(uow, after)


def on_approval_declined(uow: UnitOfWork, event: ApprovalDeclined) -> None:
    """Another person refused, or whoever asked took it back: the set is a draft again."""
    if event.kind is not ApprovalKind.PRICE_SET:
        return
    before = sets.price_set(uow.db, event.subject_id)
    if before.status is not PriceSetStatus.PENDING_APPROVAL:
        return
    status = MACHINE.check("decline", before.status)
    after = save(uow, price_sets, before, replace(before, status=status))
    uow.emit(PriceSetDeclined(after.id, after.version, after.code), before=before, after=after)


def _list_prices(uow: UnitOfWork, entries: Sequence[PriceSetEntry]) -> None:
    """Put prices into their lists, from now on, over what applies there."""
    if not entries:
        return
    at = list_prices.c
    keys = [(x.price_list_id, x.variant_id, x.minimum_quantity, uow.now) for x in entries]
    same = tuple_(at.price_list_id, at.variant_id, at.minimum_quantity, at.valid_from).in_(keys)
    uow.db.execute(delete(list_prices).where(same))
    rows = [
        ListPrice(
            id=uow.new_id(),
            price_list_id=each.price_list_id,
            variant_id=each.variant_id,
            minimum_quantity=each.minimum_quantity,
            currency=each.currency,
            price_micro=each.price_micro,
            valid_from=uow.now,
            valid_to=None,
        )
        for each in entries
        if each.price_list_id is not None
    ]
    add(uow, list_prices, rows)
    _tell_lists(uow, entries)


def _undo(uow: UnitOfWork, before: PriceSet) -> UUID:
    status = MACHINE.check("undo", before.status)
    entries = sets.entries_of(uow.db, before.id)
    base = [each for each in entries if each.price_list_id is None]
    over = sets.standing_over(uow.db, before, [each.variant_id for each in base])
    now = sets.present_prices(uow.db, before.currency, [each.target for each in base], uow.now)
    ours = [x for x in base if now.get(x.target) == x.price_micro and x.variant_id not in over]
    back = {x.variant_id: price_of(x.before_micro, x.currency) for x in ours}
    reprice(uow, before.currency, back)
    _hand_on(uow, base, over)
    listed = [each for each in entries if each.price_list_id is not None]
    ended = _end(uow, before, listed)
    alone = len(base) - len(ours) + len(listed) - ended
    changed = replace(before, status=status, undone_at=uow.now, left_alone=alone)
    after = save(uow, price_sets, before, changed)
    uow.emit(PriceSetUndone(after.id, after.version, after.code, alone), before=before, after=after)
    return after.id


def _hand_on(
    uow: UnitOfWork, base: Sequence[PriceSetEntry], over: Mapping[UUID, PriceSetEntry]
) -> None:
    """Have sets that stand over ours give back what was before ours, not ours.

    They are saved, so that one that is undone just now finds out.

    Raises: StaleVersion: one was undone since they were looked for.
    """
    heirs = [
        (heir, each.before_micro)
        for each in base
        if (heir := over.get(each.variant_id)) and heir.before_micro == each.price_micro
    ]
    _NOTE_BEFORE(uow.db, [{"entry_id": heir.id, "micro": micro} for heir, micro in heirs])
    known = sets.price_sets_by_ids(uow.db, {heir.price_set_id for heir, _ in heirs})
    for of in known.values():
        if of.status is not PriceSetStatus.ACTIVE:
            raise StaleVersion(of.version - 1, of.version)
    pairs = [(known[id], known[id]) for id in sorted(known)]
    for after in save_all(uow, price_sets, pairs):
        event = PriceSetUpdated(after.id, after.version, after.code)
        uow.emit(event, before=known[after.id], after=after)


def _end(uow: UnitOfWork, of: PriceSet, listed: Sequence[PriceSetEntry]) -> int:
    """End what the set put into lists. How many prices these are that nobody had ended yet."""
    if not listed:
        return 0
    at = list_prices.c
    keys = [(x.price_list_id, x.variant_id, x.minimum_quantity, of.activated_at) for x in listed]
    ours = tuple_(at.price_list_id, at.variant_id, at.minimum_quantity, at.valid_from).in_(keys)
    goes_on = or_(at.valid_to.is_(None), at.valid_to > uow.now)
    if of.activated_at == uow.now:  # it never applied
        ended = uow.db.execute(delete(list_prices).where(ours, goes_on)).rowcount
    else:
        ended = uow.db.execute(
            update(list_prices).where(ours, goes_on).values(valid_to=uow.now)
        ).rowcount
    _tell_lists(uow, listed)
    return ended


def _tell_lists(uow: UnitOfWork, entries: Sequence[PriceSetEntry]) -> None:
    counts: dict[UUID, int] = {}
    for each in entries:
        if each.price_list_id is not None:
            counts[each.price_list_id] = counts.get(each.price_list_id, 0) + 1
    known = price_lists_by_ids(uow.db, counts)
    pairs = [(known[id], known[id]) for id in sorted(counts)]
    for listed in save_all(uow, price_lists, pairs):
        uow.emit(ListPricesSet(listed.id, listed.version, listed.code, counts[listed.id]))
