"""Rules for new rows that no CHECK can state, since they look into another table.

`refuse_new_rows(table, ...)` stands below the table; a migration runs
`statements_to_refuse_new_rows`. What breaks the rule is an `IntegrityError`, as with any
constraint.
"""

from collections.abc import Sequence

from sqlalchemy import DDL, Table, event

# Once for all rows of a statement: a look-up for each of them would cost bulk imports a tenth.
_POSTGRESQL_FUNCTION = """\
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM fresh WHERE {wrong}) THEN
        RAISE EXCEPTION USING MESSAGE = '{message}', ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$"""
_POSTGRESQL_TRIGGER = """\
CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION {name}()"""
_SQLITE = """\
CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {wrong}
BEGIN SELECT RAISE(ABORT, '{message}'); END"""


def refuse_new_rows(table: Table, name: str, *, wrong: str, message: str) -> None:
    """Have the database refuse rows of which `wrong` is true, a condition on `{row}.column`."""
    for dialect in ("sqlite", "postgresql"):
        for statement in statements_to_refuse_new_rows(table.name, name, wrong, message, dialect):
            # A percent sign would be taken for a placeholder of DDL's own.
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


def statements_to_refuse_new_rows(
    table: str, name: str, wrong: str, message: str, dialect: str
) -> Sequence[str]:
    """The same for a table that a migration has created, in the order to run them in.

    On SQLite, triggers are lost when a migration builds the table anew (`batch_alter_table`): run
    them again after that.
    """
    row = "new" if dialect == "sqlite" else "fresh"
    condition = wrong.replace("{row}", row)
    words = {"table": table, "name": name, "wrong": condition, "message": message}
    if dialect == "sqlite":
        return [_SQLITE.format(**words)]
    return [_POSTGRESQL_FUNCTION.format(**words), _POSTGRESQL_TRIGGER.format(**words)]
