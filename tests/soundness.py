"""Whether what is stored is sound, asked fast: tests ask it after nearly everything they do."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.exc import CompileError

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel import statements
from backoffice_api.domain.kernel.checks import Check, Finding, verify
from backoffice_api.domain.kernel.database import Database

_DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(),
    "postgresql": psycopg.dialect(),  # type: ignore[no-untyped-call]
}
# Of a statement with more of them, databases plan longer than they save round trips.
_CHECKS_TOGETHER = 40


def findings(source: Database | Connection, checks: Sequence[Check] = CHECKS) -> Sequence[Finding]:
    """What `verify` finds broken, in its order.

    Nearly always that is nothing. So a few statements ask all checks whether there is anything to
    find, which takes a fifteenth of the time, and only those that say so are asked one by one.
    """
    if isinstance(source, Database):
        with source.reading.connect() as db:
            return findings(db, checks)
    suspects = set(_suspects(source, tuple(checks)))
    found = verify(source, [check for check in checks if check in suspects])
    return [each for each in found if not each.holds]


def broken(source: Database | Connection, checks: Sequence[Check] = CHECKS) -> list[str]:
    """The ids of the checks that do not hold."""
    return [each.check.id for each in findings(source, checks)]


def _suspects(db: Connection, checks: tuple[Check, ...]) -> Iterator[Check]:
    questions, others = _questions(db.dialect.name, checks)
    for together, statement in questions:
        (answers,) = statements.run(db, statement)
        yield from (check for check, found in zip(together, answers, strict=True) if found)
    yield from others


@cache
def _questions(
    dialect: str, checks: tuple[Check, ...]
) -> tuple[Sequence[tuple[Sequence[Check], str]], Sequence[Check]]:
    """The checks in groups, with the statement that asks each; and those to be asked alone."""
    texts = {check: text for check in checks if (text := _text(check, _DIALECTS[dialect]))}
    asked = list(texts)
    questions = []
    for start in range(0, len(asked), _CHECKS_TOGETHER):
        together = asked[start : start + _CHECKS_TOGETHER]
        columns = ", ".join(f"EXISTS ({texts[check]})" for check in together)
        questions.append((together, f"SELECT {columns}"))
    return questions, [check for check in checks if check not in texts]


def _text(check: Check, dialect: Dialect) -> str | None:
    """The statement of a check with its values in it; None: it has none, or not of that kind."""
    if not isinstance(check.wrong, Select):
        return None
    try:
        return str(check.wrong.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    except (CompileError, NotImplementedError):
        return None
