"""What the database itself sees to in the books, whoever writes.

- A closed month takes no entry, unless the entry names an exception that is recorded for the
  month, is not over and is not used up. The database counts how often it was used.
- Each new entry is put among those that are to be sealed.
- A posting gets its amount in the currency of the books once.

A migration runs `statements_on_entries` and `statements_on_rated` for the tables it has created,
after those of `immutable`.
"""

from collections.abc import Sequence

from sqlalchemy import DDL, Table, event

# Whoever closes a month waits for those who post into it, and they for him: the two numbers are
# this one and that of the month.
MONTH_LOCK = 7_301

_MESSAGE = "a closed period takes entries by exception only"
_EXCEPTED = (
    "SELECT 1 FROM ledger_period_exceptions AS excepted WHERE excepted.id = {row}.exception_id "
    "AND excepted.period_id = closed.id AND excepted.expires_at > {row}.created_at"
)
_CLOSED = "closed.starts_on = {row}.period AND closed.is_closed AND NOT EXISTS (" + _EXCEPTED + ")"

_POSTGRESQL_FUNCTION = f"""\
CREATE OR REPLACE FUNCTION journal_entries_come_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({MONTH_LOCK}, months.number)
    FROM (
        SELECT DISTINCT (extract(year FROM period) * 12 + extract(month FROM period))::integer
        AS number FROM fresh ORDER BY number
    ) AS months;
    IF EXISTS (
        SELECT 1 FROM fresh JOIN ledger_periods AS closed ON {_CLOSED.format(row="fresh")}
    ) THEN
        RAISE EXCEPTION USING MESSAGE = '{_MESSAGE}', ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_period_exceptions AS excepted SET entries_used = entries_used + taken.count
    FROM (
        SELECT exception_id, count(*) AS count FROM fresh
        WHERE exception_id IS NOT NULL GROUP BY exception_id
    ) AS taken WHERE excepted.id = taken.exception_id;
    INSERT INTO journal_unsealed (entry_id) SELECT id FROM fresh;
    RETURN NULL;
END $$"""  # noqa: S608  # nosec B608
_POSTGRESQL_TRIGGER = """\
CREATE TRIGGER journal_entries_come_in AFTER INSERT ON journal_entries
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_come_in()"""
_SQLITE_CLOSED = f"""\
CREATE TRIGGER journal_entries_keep_closed BEFORE INSERT ON journal_entries
WHEN EXISTS (SELECT 1 FROM ledger_periods AS closed WHERE {_CLOSED.format(row="new")})
BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"""  # noqa: S608  # nosec B608
_SQLITE_COUNTED = """\
CREATE TRIGGER journal_entries_come_in AFTER INSERT ON journal_entries
BEGIN
    UPDATE ledger_period_exceptions SET entries_used = entries_used + 1
    WHERE id = new.exception_id;
    INSERT INTO journal_unsealed (entry_id) VALUES (new.id);
END"""

_RATED = (
    "OLD.base_minor IS NOT NULL AND (OLD.base_minor {differs} NEW.base_minor "
    "OR OLD.rate_id {differs} NEW.rate_id)"
)
_POSTGRESQL_RATED = f"""\
CREATE TRIGGER journal_postings_rate_stays BEFORE UPDATE ON journal_postings
FOR EACH ROW WHEN ({_RATED.format(differs="IS DISTINCT FROM")}) EXECUTE FUNCTION forbid_changes()"""
_SQLITE_RATED = f"""\
CREATE TRIGGER journal_postings_rate_stays BEFORE UPDATE ON journal_postings
WHEN {_RATED.format(differs="IS NOT")}
BEGIN SELECT RAISE(ABORT, 'what a posting comes to in the books is said once'); END"""


def on_entries(table: Table) -> None:
    """Have the database look after new entries, wherever the table is created."""
    for dialect in ("sqlite", "postgresql"):
        _run(table, statements_on_entries(dialect), dialect)


def on_rated(table: Table) -> None:
    """Have the database keep what postings come to, wherever the table is created."""
    for dialect in ("sqlite", "postgresql"):
        _run(table, statements_on_rated(dialect), dialect)


def statements_on_entries(dialect: str) -> Sequence[str]:
    """The same for a table that a migration has created, in the order to run them in."""
    if dialect == "sqlite":
        return [_SQLITE_CLOSED, _SQLITE_COUNTED]
    return [_POSTGRESQL_FUNCTION, _POSTGRESQL_TRIGGER]


def statements_on_rated(dialect: str) -> Sequence[str]:
    """The same for a table that a migration has created."""
    return [_SQLITE_RATED if dialect == "sqlite" else _POSTGRESQL_RATED]


def _run(table: Table, statements: Sequence[str], dialect: str) -> None:
    for statement in statements:
        # A percent sign would be taken for a placeholder of DDL's own.
        ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
