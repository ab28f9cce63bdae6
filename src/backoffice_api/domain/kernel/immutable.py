"""Rows that are only ever added: the database itself refuses to change or to remove them.

`forbid_changes(table)` stands below the table; a migration runs `statements_to_forbid_changes`.
What breaks the rule is an `IntegrityError`, as with any constraint.
"""

from collections.abc import Collection, Sequence

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
# Of rows some of whose columns may change: two triggers, as OLD and NEW are not both there always.
_POSTGRESQL_REMOVAL = """\
CREATE TRIGGER {table}_rows_stay BEFORE DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
_POSTGRESQL_FROZEN = """\
CREATE TRIGGER {table}_values_stay BEFORE UPDATE ON {table}
FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION forbid_changes()"""
_POSTGRESQL_TABLE = """\
CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
_SQLITE = """\
CREATE TRIGGER {table}_refuses_{change} BEFORE {change} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} cannot be changed: rows are only added'); END"""
_SQLITE_FROZEN = """\
CREATE TRIGGER {table}_refuses_UPDATE BEFORE UPDATE ON {table} WHEN {differs}
BEGIN SELECT RAISE(ABORT, '{table} cannot be changed: rows are only added'); END"""


def forbid_changes(table: Table, *, but: Collection[str] = ()) -> None:
    """Let rows of `table` be added, and neither be changed nor removed, wherever it is created.

    `but`: columns that may change all the same.
    """
    frozen = [each.name for each in table.columns if each.name not in but] if but else []
    for dialect in ("sqlite", "postgresql"):
        for statement in statements_to_forbid_changes(table.name, dialect, frozen):
            ddl = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


def statements_to_forbid_changes(
    table: str, dialect: str, frozen: Sequence[str] = ()
) -> Sequence[str]:
    """The same for a table that a migration has created, in the order to run them in.

    `frozen`: the columns that must not change; none: all of them. On SQLite, triggers are lost
    when a migration builds the table anew (`batch_alter_table`): run them again after that. They
    go with the table when it is dropped.
    """
    if dialect == "sqlite":
        if not frozen:
            return [_SQLITE.format(table=table, change=change) for change in ("UPDATE", "DELETE")]
        differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in frozen)
        return [
            _SQLITE_FROZEN.format(table=table, differs=differs),
            _SQLITE.format(table=table, change="DELETE"),
        ]
    templates = [_POSTGRESQL_ROWS]
    if frozen:
        templates = [_POSTGRESQL_REMOVAL, _POSTGRESQL_FROZEN]
    differs = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in frozen)
    triggers = [
        template.format(table=table, differs=differs)
        for template in (*templates, _POSTGRESQL_TABLE)
    ]
    return [_POSTGRESQL_FUNCTION, *triggers]
