"""Erasure: everything of a person goes, but what has to stay; and that goes when it may.

One transaction per round. The customer is locked first: orders that are being placed are waited
for, and those that come later name a customer who is archived. What stays is looked at again by a
job, and so is, a day after the first round, whatever was under way while it ran.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, extract, func, select, update

from backoffice_api.domain.audit.commands.rewriting import note_rewriting
from backoffice_api.domain.customers.model import CustomerStatus, UnknownCustomer
from backoffice_api.domain.customers.queries.merging import survivor
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.personal import personal_columns
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.search import entries
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.commands import indexing
from backoffice_api.domain.privacy.commands.emptying import still_there, values_of
from backoffice_api.domain.privacy.commands.filing import doom_files, doom_lists
from backoffice_api.domain.privacy.commands.reaching import gather, release
from backoffice_api.domain.privacy.commands.requesting import complete, request_for
from backoffice_api.domain.privacy.commands.sweeping import sweep, telling_values
from backoffice_api.domain.privacy.model.duties import Reason, kept_until
from backoffice_api.domain.privacy.model.erasures import (
    MACHINE,
    ErasedPlace,
    Erasure,
    ErasureStatus,
    PersonErased,
)
from backoffice_api.domain.privacy.model.requests import PrivacyRequestKind
from backoffice_api.domain.privacy.queries.reached import rows_of
from backoffice_api.domain.privacy.queries.registry import Place, places
from backoffice_api.domain.privacy.tables import erased_places, erasures, reach

CONTINUE_JOB = "privacy.continue_erasures"
# Has the database forget what lay where values were, and stored lists go that hold persons.
PURGE_JOB = "privacy.purge"
AT_ONCE = 1
LOOK_AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseCustomer(Command):
    """`request_id`: the request that it answers."""

    scope = Scope.PRIVACY_ERASE
    customer_id: UUID
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ContinueErasures(Command):
    """Run by the worker every hour."""

    scope = Scope.PRIVACY_ERASE


def erase_customer(uow: UnitOfWork, command: EraseCustomer) -> UUID:
    """Erase a customer, as far as the law lets it go now. The id of the erasure.

    Who was erased before is gone through again: there may be more since. Of a duplicate that was
    merged, the customer is erased in whom it went on: there is all that it had.

    Raises:
        UnknownCustomer.
        UnknownPrivacyRequest, RequestOfAnother, InvalidTransition: it answers no such request.
    """
    customer_id = _lock(uow, command.customer_id)
    if command.request_id is not None:
        asked = request_for(uow, command.request_id, customer_id, PrivacyRequestKind.ERASURE)
        complete(uow, asked)
    present = queries.erasure_of(uow.db, customer_id)
    if present is None:
        present = Erasure(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            customer_id=customer_id,
            request_id=command.request_id,
            status=ErasureStatus.PARTIAL,
            rounds=0,
            again_on=uow.now.date(),
            rows_emptied=0,
            rows_removed=0,
            rows_kept=0,
        )
        add(uow, erasures, [present])
    elif present.status is ErasureStatus.COMPLETE:
        status = MACHINE.check("resume", present.status)
        again = replace(present, status=status, again_on=uow.now.date())
        present = save(uow, erasures, present, again)
    return _round(uow, present).id


def continue_erasures(uow: UnitOfWork, command: ContinueErasures) -> int:
    """Go once more through an erasure that is due to be looked at. How many these were: 0 or 1.

    One person at a time, so that nobody waits for long; where one was due, another job goes on.
    """
    due = queries.due_erasures(uow.db, uow.now.date(), AT_ONCE)
    for each in due:
        _lock(uow, each.customer_id)
        _round(uow, each)
        uow.enqueue(Job(CONTINUE_JOB))
    return len(due)


def _lock(uow: UnitOfWork, customer_id: UUID) -> UUID:
    """Wait for everybody who is about to note something of this customer, and keep others out.

    Whom of: in whom the customer went on, even while it was waited for.
    """
    id = survivor(uow.db, customer_id)
    statement = select(customers.c.id).where(customers.c.id == id).with_for_update()
    if uow.db.execute(statement).scalar() is None:
        raise UnknownCustomer(customer_id).at("customer_id")
    return id if survivor(uow.db, id) == id else _lock(uow, id)


def _round(uow: UnitOfWork, before: Erasure) -> Erasure:
    years = queries.years_kept(uow.db)
    gather(uow.db, before.id, before.customer_id, today=uow.now.date(), years=years)
    words = telling_values(uow.db, before.id)
    doom_files(uow, before.id)
    renewed = indexing.renew(uow.db, before.id)
    told = _told_of(uow, before.id)
    # Rows that go, go last, and those first that refer to others.
    stay = [each for each in places() if not each.goes]
    go = [each for each in reversed(places()) if each.goes]
    found = [_empty(uow, place, before.id, years) for place in (*stay, *go)]
    found.append(ErasedPlace(entries.name, renewed, 0, 0, None, None))
    found += [
        ErasedPlace(name, count, 0, 0, None, None) for name, count in sweep(uow.db, words).items()
    ]
    found = [each for each in found if each.emptied or each.removed or each.kept]
    _archive(uow, before.customer_id)
    _clear_up(uow, before, found)
    waits = uow.db.execute(_waiting(before.id)).scalar() is not None
    release(uow.db, before.id, but_orders_alone=True)
    after = save(uow, erasures, before, _after(before, found, uow.now, waits=waits))
    rows = [_evidence(after, each) for each in found]
    if rows:
        uow.db.execute(erased_places.insert(), rows)
    event = PersonErased(
        after.id,
        after.version,
        after.customer_id,
        after.rows_emptied,
        after.rows_removed,
        after.rows_kept,
        note_rewriting(uow, told, "ers", after.id),
    )
    uow.emit(event, before=before if before.rounds else None, after=after)
    return after


def _clear_up(uow: UnitOfWork, before: Erasure, found: Sequence[ErasedPlace]) -> None:
    """Have stored lists go, and what lay where values were, if there was anything to erase.

    Else everybody's lists went each day for as long as somebody waits. Lists that were under way
    in the round before go in the one after it.
    """
    if any(each.emptied or each.removed for each in found):
        doom_lists(uow)
        uow.enqueue(Job(PURGE_JOB, once_key=PURGE_JOB))
    elif queries.has_erased(uow.db, before.id, before.rounds):
        doom_lists(uow)


def _told_of(uow: UnitOfWork, run_id: UUID) -> Sequence[int]:
    """The numbers of the events that are about to lose something."""
    (place,) = (each for each in places() if each.table is events)
    losing = still_there(events, values_of(events))
    statement = select(events.c.sequence).where(rows_of(place, run_id), losing)
    return uow.db.execute(statement).scalars().all()


def _empty(uow: UnitOfWork, place: Place, run_id: UUID, years: Mapping[Reason, int]) -> ErasedPlace:
    """Empty or remove what may go of one table, and count what stays, and why."""
    emptied = removed = 0
    mine = rows_of(place, run_id)
    if place.goes:
        statement = delete(place.table).where(mine, *indexing.only_some(place.table))
        removed = uow.db.execute(statement).rowcount
    elif values := values_of(place.table):
        counted: dict[str, Any] = dict(values)
        if {"version", "updated_at"} <= set(place.table.c.keys()):
            # Who has read the row before must not write it back.
            counted |= {"version": place.table.c.version + 1, "updated_at": uow.now}
        changed = update(place.table).where(mine, still_there(place.table, values))
        emptied = uow.db.execute(changed.values(counted)).rowcount
    if not personal_columns(place.table) or not place.has_id:
        return ErasedPlace(place.name, emptied, removed, 0, None, None)
    kept, reason, until = _kept(uow, place, run_id, years)
    return ErasedPlace(place.name, emptied, removed, kept, reason, until)


def _kept(
    uow: UnitOfWork, place: Place, run_id: UUID, years: Mapping[Reason, int]
) -> tuple[int, Reason | None, date | None]:
    """How many rows have to stay, the reason of most, and until when the law keeps them."""
    held = (reach.c.run_id == run_id, reach.c.place == place.name, reach.c.hold.is_not(None))
    number = func.count()
    statement = (
        select(reach.c.hold, number).where(*held).group_by(reach.c.hold).order_by(number.desc())
    )
    rows = uow.db.execute(statement).all()
    if not rows:
        return 0, None, None
    reason = Reason(rows[0][0])
    until = None
    if place.duty is not None:
        newest = select(func.max(extract("year", place.table.c[place.table.info["since"]])))
        year = uow.db.execute(newest.where(rows_of(place, run_id, held=True))).scalar()
        until = kept_until(date(int(year), 1, 1), years[Reason(place.duty)]) if year else None
    return sum(count for _, count in rows), reason, until


def _archive(uow: UnitOfWork, customer_id: UUID) -> None:
    uow.db.execute(
        update(customers)
        .where(customers.c.id == customer_id, customers.c.status != CustomerStatus.ARCHIVED)
        .values(status=CustomerStatus.ARCHIVED, version=customers.c.version + 1, updated_at=uow.now)
    )


def _waiting(run_id: UUID) -> Select[tuple[UUID]]:
    """A row that stays until a matter ends, which no calendar tells."""
    return (
        select(reach.c.row_id)
        .where(reach.c.run_id == run_id, reach.c.hold.in_([Reason.CONTRACT, Reason.CLAIM]))
        .limit(1)
    )


def _after(before: Erasure, found: Sequence[ErasedPlace], now: datetime, *, waits: bool) -> Erasure:
    kept = sum(each.kept for each in found)
    untils = [each.kept_until for each in found if each.kept_until]
    again: date | None = now.date() + LOOK_AGAIN
    # Where nothing was found any more, only what the calendar says is left to wait for.
    if not waits and not any(each.emptied or each.removed for each in found):
        again = max(untils, default=None)
    status = MACHINE.check("continue", before.status)
    if again is None:
        status = MACHINE.check("complete", before.status)
    return replace(
        before,
        status=status,
        rounds=before.rounds + 1,
        again_on=again,
        rows_emptied=before.rows_emptied + sum(each.emptied for each in found),
        rows_removed=before.rows_removed + sum(each.removed for each in found),
        rows_kept=kept,
    )


def _evidence(erasure: Erasure, each: ErasedPlace) -> Mapping[str, Any]:
    return {
        "erasure_id": erasure.id,
        "round": erasure.rounds,
        "place": each.place,
        "emptied": each.emptied,
        "removed": each.removed,
        "kept": each.kept,
        "reason": each.reason,
        "kept_until": each.kept_until,
    }
