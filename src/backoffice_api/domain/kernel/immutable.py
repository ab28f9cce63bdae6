"""Rows that are only ever added: the database itself refuses to change or to remove them.

`forbid_changes(table)` stands below the table; a migration runs `statements_to_forbid_changes`.
What breaks the rule is an `IntegrityError`, as with any constraint.
"""

from collections.abc import Sequence

from sqlalchemy import DDL, Table, event

# Class 23 of SQLSTATE, integrity constraint violation, is what SQLite's triggers raise too.
_POSTGRESQL_FUNCTION = """\
CREATE OR REPLACE FUNCTION forbid_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        MESSAGE = TG_TABLE_NAME || ' cannot be changed: rows are only added',
        ERRCODE = 'restrict_violation';
END $$"""
_POSTGRESQL_ROWS = """\
CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
_POSTGRESQL_TABLE = """\
CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
_SQLITE = """\
CREATE TRIGGER {table}_refuses_{change} BEFORE {change} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} cannot be changed: rows are only added'); END"""


def forbid_changes(table: Table) -> None:
    """Let rows of `table` be added, and neither be changed nor removed, wherever it is created."""
    for dialect in ("sqlite", "postgresql"):
        for statement in statements_to_forbid_changes(table.name, dialect):
            ddl = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


def statements_to_forbid_changes(table: str, dialect: str) -> Sequence[str]:
    """The same for a table that a migration has created, in the order to run them in.

    On SQLite, triggers are lost when a migration builds the table anew (`batch_alter_table`): run
    them again after that. They go with the table when it is dropped.
    """
    if dialect == "sqlite":
        return [_SQLITE.format(table=table, change=change) for change in ("UPDATE", "DELETE")]
    triggers = [template.format(table=table) for template in (_POSTGRESQL_ROWS, _POSTGRESQL_TABLE)]
    return [_POSTGRESQL_FUNCTION, *triggers]
