"""Buckets that several processes share: what they take of one, and give back.

A change of a bucket is no event: it is forgotten within seconds, by being full again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from backoffice_api.domain.identity.model.budgets import Allowance, Taken
from backoffice_api.domain.identity.tables import shared_budgets
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBudget(Command):
    """To be run as the system: `least` to `most` units of somebody's bucket, or none."""

    scope = Scope.ACCESS_WRITE
    owner: UUID
    allowance: Allowance
    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBudgetBack(Command):
    """To be run as the system: units by owner."""

    scope = Scope.ACCESS_WRITE
    units: Mapping[UUID, int] = field(default_factory=dict)


def take_budget(uow: UnitOfWork, command: TakeBudget) -> Taken:
    """Take as much as there is up to `most`, and nothing where there is less than `least`."""
    insert = postgresql.insert if uow.db.dialect.name == "postgresql" else sqlite.insert
    statement = insert(shared_budgets).values(
        owner_id=command.owner, available=command.allowance.capacity, filled_at=uow.now
    )
    # One statement makes the row where it is missing, locks it, and reads it.
    locked = statement.on_conflict_do_update(
        index_elements=[shared_budgets.c.owner_id],
        set_={"available": shared_budgets.c.available},
    ).returning(shared_budgets.c.available, shared_budgets.c.filled_at)
    row = uow.db.execute(locked).one()
    elapsed_s = (uow.now - row.filled_at).total_seconds()
    filled = int(command.allowance.filled(row.available, elapsed_s))
    units = min(filled, command.most) if filled >= command.least else 0
    uow.db.execute(
        update(shared_budgets)
        .where(shared_budgets.c.owner_id == command.owner)
        # Clocks of several machines differ: the time of a bucket never goes back.
        .values(available=filled - units, filled_at=max(uow.now, row.filled_at))
    )
    return Taken(units, filled - units)


def give_budget_back(uow: UnitOfWork, command: GiveBudgetBack) -> None:
    """Put units back. What then is more than a bucket holds is cut off when it is next asked."""
    statement = (
        update(shared_budgets)
        .where(shared_budgets.c.owner_id == bindparam("owner"))
        .values(available=shared_budgets.c.available + bindparam("units"))
    )
    # In one order, so that two who give back at once never wait for each other in a ring.
    rows = [{"owner": owner, "units": units} for owner, units in sorted(command.units.items())]
    if rows:
        uow.db.execute(statement, rows)
