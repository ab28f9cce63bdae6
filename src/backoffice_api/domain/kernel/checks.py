"""What must be true of the stored data, as questions whose answer must be empty.

Each context declares its `CHECKS` beside its tables: every stored sum and every derived status is
recomputed from what it is made of. `backoffice verify` asks them all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select

ROWS_SHOWN_MAX = 10


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One invariant. `id` names it, and no other one; `wrong` selects what breaks it.

    The id is the number of the invariant in the design (S1, O3), with a word behind it where more
    than one check sees to it; what has no number there is named by its context.

    The columns of `wrong` are what a person needs to see: which row, what is stored, what it
    should be. What SQL cannot recompute, as a hash, a function walks through instead.
    """

    id: str
    says: str
    wrong: Select[Any] | Callable[[Connection], Iterator[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check came to: no rows if it holds, else the first ones that break it."""

    check: Check
    rows: Sequence[Mapping[str, Any]]

    @property
    def holds(self) -> bool:
        return not self.rows


def verify(db: Connection, checks: Iterable[Check]) -> Iterator[Finding]:
    """Ask each check, one after the other, and show at most `ROWS_SHOWN_MAX` rows of each."""
    if db.dialect.name == "postgresql":
        # They read whole tables. Where PostgreSQL knows nothing of a table yet, as after a large
        # import, it goes through the other one for each row: of 500,000 that took 80 s.
        db.exec_driver_sql("SET LOCAL enable_nestloop = off")
    for check in checks:
        if isinstance(check.wrong, Select):
            rows: Iterable[Any] = db.execute(check.wrong.limit(ROWS_SHOWN_MAX)).mappings()
        else:
            rows = islice(check.wrong(db), ROWS_SHOWN_MAX)
        yield Finding(check, [dict(row) for row in rows])
