"""How a database would go about a query: through an index, or through the whole table."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Executable, event

from tests.databases import LIMITS

# A test's tables are small, and reading them whole is cheapest. PostgreSQL is asked to do it only
# when there is no other way, so that what is left of it in the plan is for want of an index.
_LAST_RESORTS = ("seqscan", "sort", "incremental_sort", "mergejoin", "material")


def explain(db: Connection, statement: Executable) -> list[str]:
    """The steps of the plan for `statement`, in the database's own words, outermost first."""
    with _noted(db.engine) as seen:
        db.execute(statement).close()
    return [step for sql, parameters in seen for step in _steps(db, sql, parameters)]


def assert_indexed(
    db: Connection, statement: Executable, *, sorts: bool = False, walks: Collection[str] = ()
) -> None:
    """Fail when `statement` reads a whole table, or has to sort; walking an index is no sorting.

    Args:
        sorts: it may sort what it has found, as a search sorts by rank.
        walks: tables that it may read in the order of their integer key and leave when it has
            enough; SQLite does not tell this from reading all of them.
    """
    _judge(explain(db, statement), sorts=sorts, walks=walks)


@contextmanager
def all_indexed(
    engine: Engine, *, sorts: bool = False, walks: Collection[str] = ()
) -> Iterator[None]:
    """Fail as `assert_indexed` for any SELECT that is run on `engine` inside the block."""
    with _noted(engine) as seen:
        yield
    with engine.connect() as db:
        for sql, parameters in seen:
            if sql.lstrip().upper().startswith(("SELECT", "WITH")):
                _judge(_steps(db, sql, parameters), sorts=sorts, walks=walks)


def _judge(plan: Sequence[str], *, sorts: bool, walks: Collection[str]) -> None:
    slow = [step for step in plan if _reads_all(step, walks) or (_sorts(step) and not sorts)]
    assert not slow, "\n".join(["No index fits:", *slow, "The plan:", *plan])


def _sorts(step: str) -> bool:
    return step.startswith(("Sort", "Incremental Sort")) or "TEMP B-TREE" in step


def _reads_all(step: str, walks: Collection[str]) -> bool:
    if step.startswith("Seq Scan") or "AUTOMATIC" in step:
        return True
    # SQLite: `SCAN t` reads all of t; with an index it walks in order, and a LIMIT ends the walk.
    words = step.split()
    return words[0] == "SCAN" and not {"INDEX", "CONSTANT", *walks} & set(words)


@contextmanager
def _noted(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, sql: str, parameters: Any, *_: object) -> None:
        if not sql.startswith(LIMITS):
            seen.append((sql, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _steps(db: Connection, sql: str, parameters: Any) -> list[str]:
    if db.dialect.name == "sqlite":
        rows = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return [row.detail for row in rows]
    asked = f"EXPLAIN (FORMAT JSON, COSTS OFF) {sql}"
    _set(db, "off")
    plan = db.exec_driver_sql(asked, parameters).scalar_one()
    _set(db, "on")
    return list(_flat((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))


def _set(db: Connection, value: str) -> None:
    """Turn the last resorts on or off until the transaction ends, all in one way there and back."""
    db.exec_driver_sql(";".join(f"SET LOCAL enable_{way} = {value}" for way in _LAST_RESORTS))


def _flat(node: Mapping[str, Any]) -> Iterator[str]:
    names = ("Node Type", "Relation Name", "Index Name", "Index Cond", "Filter", "Sort Key")
    yield " · ".join(str(node[name]) for name in names if name in node)
    for child in node.get("Plans", ()):
        yield from _flat(child)
