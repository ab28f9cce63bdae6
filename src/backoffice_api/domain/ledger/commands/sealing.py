"""Entries are sealed after their commit: numbered, chained, and added to the balances.

One job does it, in the order of the ids, some at a time. The database queues what is to be sealed,
so nothing is passed over that was committed late (ADR 0033). Whoever seals holds the rows of the
queue; were two to seal all the same, the second would find its number taken, and begin anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.batches import insert_many
from backoffice_api.domain.kernel.chains import GENESIS, linked
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model.entries import Posting
from backoffice_api.domain.ledger.model.sealing import (
    BalanceKey,
    Seal,
    Sums,
    content_of,
    sums_of,
)
from backoffice_api.domain.ledger.tables import balances, seals, unsealed

SEAL_JOB = "ledger.seal_entries"
SEALED_MAX = 1_000
_ADDED = ("debit_minor", "credit_minor", "base_debit_minor", "base_credit_minor")


@dataclass(frozen=True, slots=True)
class SealEntries(Command):
    """Run by the worker every few seconds."""

    scope = Scope.LEDGER_WRITE


def seal_entries(uow: UnitOfWork, command: SealEntries) -> int:
    """Seal the next entries. How many. If there may be more, another job goes on."""
    waiting = select(unsealed.c.entry_id).order_by(unsealed.c.entry_id).limit(SEALED_MAX)
    ids = uow.db.execute(waiting.with_for_update()).scalars().all()
    if not ids:
        return 0
    # Read behind the lock, so that it is the one before ours.
    last = select(seals.c.number, seals.c.hash).order_by(seals.c.number.desc()).limit(1)
    row = uow.db.execute(last).one_or_none()
    made, lines = _sealed(uow, ids, *(row or (0, GENESIS)))
    insert_many(
        uow.db,
        seals,
        {
            "number": [each.number for each in made],
            "entry_id": [each.entry_id for each in made],
            "sealed_at": [each.sealed_at for each in made],
            "previous_hash": [each.previous_hash for each in made],
            "hash": [each.hash for each in made],
        },
    )
    add_to_balances(uow, sums_of(lines))
    uow.db.execute(delete(unsealed).where(among(unsealed.c.entry_id, ids)))
    if len(ids) == SEALED_MAX:
        uow.enqueue(Job(SEAL_JOB))
    return len(ids)


def add_to_balances(uow: UnitOfWork, sums: Mapping[BalanceKey, Sums]) -> None:
    """Add to the balances of accounts, in one order for all. One statement."""
    if not sums:
        return
    rows: list[dict[str, Any]] = [
        {
            "account_id": key.account_id,
            "currency": key.currency,
            "period": key.period,
            **{name: getattr(sums[key], name) for name in _ADDED},
        }
        for key in sorted(sums, key=lambda key: (key.account_id, key.currency, key.period))
    ]
    uow.db.execute(_add(uow.db.dialect.name), rows)


@cache
def _add(dialect: str) -> Insert:
    if dialect == "postgresql":
        insert: Any = postgresql.insert(balances)
    else:
        insert = sqlite.insert(balances)
    added = {name: balances.c[name] + insert.excluded[name] for name in _ADDED}
    keys = [balances.c.account_id, balances.c.currency, balances.c.period]
    statement: Insert = insert.on_conflict_do_update(index_elements=keys, set_=added)
    return statement


def _sealed(
    uow: UnitOfWork, ids: Sequence[UUID], number: int, previous: bytes
) -> tuple[Sequence[Seal], Sequence[tuple[date, Posting]]]:
    """Seals of the entries behind `number`, and their postings, each with its month."""
    found = queries.entries_by_ids(uow.db, ids)
    lines = queries.postings_by_entries(uow.db, ids)
    search.add(uow.db, queries.SEARCHED, {id: (found[id].description,) for id in ids})
    made = []
    for place, id in enumerate(ids, number + 1):
        hash = linked(previous, content_of(place, found[id], lines.get(id, ())))
        made.append(Seal(place, id, uow.now, previous, hash))
        previous = hash
    return made, [(found[id].period, each) for id in ids for each in lines.get(id, ())]
