"""Finding customers that may be one, and saying that they are two.

A job looks at customers after they were changed: it makes the keys that they are recognised by
and compares them with those of all others, some hundred customers with a few statements.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, or_, select, tuple_, update

from backoffice_api.domain.customers import queries as on_customers
from backoffice_api.domain.customers.model import CustomerStatus
from backoffice_api.domain.customers.model.merging import (
    DUPLICATES,
    SHARED_BY_MAX,
    CustomerDuplicateDismissed,
    Duplicate,
    DuplicateReason,
    DuplicateStatus,
    Traits,
    keys_of,
    score_of,
)
from backoffice_api.domain.customers.queries import merging as queries
from backoffice_api.domain.customers.queries.accounts import contacts_by_customers
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.customers.tables.merging import duplicates, keys, progress
from backoffice_api.domain.kernel.aggregates import add, save, save_all
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, fetch, insert_or_ignore, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

FIND_JOB = "customers.find_duplicates"
LOOKED_AT_MAX = 500
# What was written in a transaction that ended late may be older than what was seen already.
LATE_MAX = timedelta(minutes=5)
_FOLLOWER = "duplicates"
_Pair = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDuplicates(Command):
    """Run by the worker every few minutes."""

    scope = Scope.CUSTOMERS_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissDuplicate(Command):
    scope = Scope.CUSTOMERS_MERGE
    table = duplicates
    id: UUID


def dismiss_duplicate(uow: UnitOfWork, command: DismissDuplicate) -> UUID:
    """Say that two customers are two; they are not shown again. Id of the pair.

    Raises:
        UnknownCustomerDuplicate, InvalidTransition.
    """
    before = queries.duplicate(uow.db, command.id)
    after = replace(before, status=DUPLICATES.check("dismiss", before.status))
    saved = save(uow, duplicates, before, after)
    uow.emit(CustomerDuplicateDismissed(saved.id, saved.version), before=before, after=saved)
    return saved.id


def find_duplicates(uow: UnitOfWork, command: FindDuplicates) -> int:
    """Look at the next customers that were changed. How many were looked at.

    If there may be more, another job goes on.
    """
    known = uow.db.execute(
        select(progress.c.updated_at, progress.c.id)
        .where(progress.c.name == _FOLLOWER)
        .with_for_update()
    ).one_or_none()
    rows = _changed(uow, known)
    if not rows:
        return 0
    look_at(uow, [row.id for row in rows])
    is_full = len(rows) == LOOKED_AT_MAX
    # Where nothing is left, the last minutes are looked at again next time.
    here = rows[-1].updated_at if is_full else min(rows[-1].updated_at, uow.now - LATE_MAX)
    _go_on(uow, known, here, rows[-1].id)
    if is_full:
        uow.enqueue(Job(FIND_JOB))
    return len(rows)


def look_at(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Make the keys of these customers anew, and their pairs. A constant number of statements."""
    _put_keys(uow, ids)
    found = _pairs(uow, ids)
    present = {(each.first_id, each.second_id): each for each in _present(uow, ids)}
    gone = [
        each.id
        for pair, each in present.items()
        if pair not in found and each.status is DuplicateStatus.OPEN
    ]
    if gone:
        uow.db.execute(delete(duplicates).where(among(duplicates.c.id, gone)))
    add(uow, duplicates, [_made(uow, pair, found[pair]) for pair in sorted(found.keys() - present)])
    changes = [
        (before, after)
        for pair, before in sorted(present.items())
        if pair in found and (after := _with(before, found[pair])) != before
    ]
    save_all(uow, duplicates, changes)


def _changed(uow: UnitOfWork, known: Row[Any, Any] | None) -> Sequence[Row[Any, Any]]:
    of = customers.c
    statement = select(of.updated_at, of.id)
    if known:
        statement = statement.where(tuple_(of.updated_at, of.id) > tuple_(known[0], known[1]))
    return uow.db.execute(statement.order_by(of.updated_at, of.id).limit(LOOKED_AT_MAX)).all()


def _go_on(uow: UnitOfWork, known: Row[Any, Any] | None, here: datetime, id: UUID) -> None:
    if known is None:
        row = {"name": _FOLLOWER, "updated_at": here, "id": id}
        insert_or_ignore(uow.db, progress, row)
    elif (here, id) > (known[0], known[1]):
        mine = progress.c.name == _FOLLOWER
        uow.db.execute(update(progress).where(mine).values(updated_at=here, id=id))


def _put_keys(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    uow.db.execute(delete(keys).where(among(keys.c.customer_id, ids)))
    found = on_customers.customers_by_ids(uow.db, ids)
    addresses = on_customers.addresses_by_customers(uow.db, ids)
    contacts = contacts_by_customers(uow.db, ids)
    numbers = on_customers.tax_ids_by_customers(uow.db, ids)
    rows = []
    for id, customer in sorted(found.items()):
        if customer.status is not CustomerStatus.ACTIVE:
            continue
        people = contacts.get(id, ())
        traits = Traits(
            name=customer.name,
            emails=[each for each in (customer.email, *(of.email for of in people)) if each],
            phones=[each for each in (customer.phone, *(of.phone for of in people)) if each],
            tax_ids=[(each.kind, each.value) for each in numbers.get(id, ())],
            places=[
                (each.country, each.postal_code)
                for each in addresses.get(id, ())
                if each.postal_code
            ],
        )
        rows += [{"kind": kind, "key": key, "customer_id": id} for kind, key in keys_of(traits)]
    if rows:
        uow.db.execute(keys.insert(), rows)


def _pairs(uow: UnitOfWork, ids: Sequence[UUID]) -> Mapping[_Pair, frozenset[DuplicateReason]]:
    """Who shares which keys with these customers. Keys that many share say nothing."""
    mine, other = keys.alias("mine"), keys.alias("other")
    shared = select(func.count()).where(keys.c.kind == mine.c.kind, keys.c.key == mine.c.key)
    statement = (
        select(mine.c.customer_id, other.c.customer_id, mine.c.kind)
        .join(other, (other.c.kind == mine.c.kind) & (other.c.key == mine.c.key))
        .where(
            among(mine.c.customer_id, ids),
            other.c.customer_id != mine.c.customer_id,
            shared.scalar_subquery() <= SHARED_BY_MAX,
        )
    )
    found: defaultdict[_Pair, set[DuplicateReason]] = defaultdict(set)
    for one, another, kind in uow.db.execute(statement):
        found[(one, another) if one < another else (another, one)].add(kind)
    return {pair: frozenset(reasons) for pair, reasons in found.items()}


def _present(uow: UnitOfWork, ids: Sequence[UUID]) -> Sequence[Duplicate]:
    of = duplicates.c
    is_one = or_(among(of.first_id, ids), among(of.second_id, ids))
    return fetch(uow.db, Duplicate, select_as(Duplicate, duplicates).where(is_one))


def _made(uow: UnitOfWork, pair: _Pair, reasons: Iterable[DuplicateReason]) -> Duplicate:
    blank = Duplicate(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        first_id=pair[0],
        second_id=pair[1],
        status=DUPLICATES.start,
        score=0,
        by_email=False,
        by_phone=False,
        by_tax_id=False,
        by_name=False,
    )
    return _with(blank, reasons)


def _with(duplicate: Duplicate, reasons: Iterable[DuplicateReason]) -> Duplicate:
    given = set(reasons)
    return replace(
        duplicate,
        score=score_of(given),
        by_email=DuplicateReason.EMAIL in given,
        by_phone=DuplicateReason.PHONE in given,
        by_tax_id=DuplicateReason.TAX_ID in given,
        by_name=DuplicateReason.NAME in given,
    )
