"""Rows that are only ever added: the database itself refuses to change or to remove them.

`forbid_changes(table)` stands below the table; a migration runs `statements_to_forbid_changes`.
What breaks the rule is an `IntegrityError`, as with any constraint.

Columns that are marked as personal may change all the same, though only to say less: to NULL or
to the word for what was erased; structured data to what holds no value but these that it held.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import DDL, JSON, Table, event

from backoffice_api.domain.kernel.personal import (
    ERASED,
    Erasing,
    erasing_of,
    personal_columns,
)

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

# Of structured data: whether the new has a value that is neither in the old nor the word.
_POSTGRESQL_SAYS_MORE = f"""\
CREATE OR REPLACE FUNCTION says_more(former jsonb, latter jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT EXISTS (
        SELECT part FROM jsonb_path_query(latter, 'strict $.**') AS part
        WHERE jsonb_typeof(part) NOT IN ('object', 'array', 'null')
        EXCEPT SELECT part FROM jsonb_path_query(former, 'strict $.**') AS part
        EXCEPT SELECT to_jsonb('{ERASED}'::text))
$$"""  # noqa: S608  # nosec B608
_SAYS_MORE_ON_SQLITE = (
    "EXISTS (SELECT atom FROM json_tree(NEW.{name}) WHERE atom IS NOT NULL"
    " EXCEPT SELECT atom FROM json_tree(OLD.{name}) EXCEPT SELECT '(erased)')"
)
_SAYS_MORE = {
    "postgresql": (
        f"(OLD.{{name}} IS DISTINCT FROM NEW.{{name}} AND NEW.{{name}} <> '{ERASED}')",
        "(NEW.{name} IS NOT NULL AND OLD.{name} IS DISTINCT FROM NEW.{name}"
        " AND (OLD.{name} IS NULL OR says_more(OLD.{name}, NEW.{name})))",
    ),
    "sqlite": (
        f"(OLD.{{name}} IS NOT NEW.{{name}} AND coalesce(NEW.{{name}}, '{ERASED}') <> '{ERASED}')",
        "(NEW.{name} IS NOT NULL AND OLD.{name} IS NOT NEW.{name}"
        f" AND (OLD.{{name}} IS NULL OR {_SAYS_MORE_ON_SQLITE}))",
    ),
}


def forbid_changes(table: Table, *, but: Collection[str] = ()) -> None:
    """Let rows of `table` be added, and neither be changed nor removed, wherever it is created.

    `but`: columns that may change all the same.
    """
    erasable = {
        each.name: isinstance(each.type, JSON)
        for each in personal_columns(table)
        if each.name not in but and erasing_of(each) is not Erasing.STAYS
    }
    frozen = [each.name for each in table.columns if each.name not in {*but, *erasable}]
    if not but and not erasable:
        frozen = []
    for dialect in ("sqlite", "postgresql"):
        for statement in statements_to_forbid_changes(table.name, dialect, frozen, erasable):
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


def statements_to_forbid_changes(
    table: str,
    dialect: str,
    frozen: Sequence[str] = (),
    erasable: Mapping[str, bool] | None = None,
) -> Sequence[str]:
    """The same for a table that a migration has created, in the order to run them in.

    `frozen`: the columns that must not change; none: all of them. `erasable`: those that may only
    be erased, and whether they hold structured data. On SQLite, triggers are lost
    when a migration builds the table anew (`batch_alter_table`): run them again after that. They
    go with the table when it is dropped.
    """
    if dialect == "sqlite":
        if not frozen:
            return [_SQLITE.format(table=table, change=change) for change in ("UPDATE", "DELETE")]
        differs = " OR ".join(
            (*(f"OLD.{name} IS NOT NEW.{name}" for name in frozen), *_more(dialect, erasable))
        )
        return [
            _SQLITE_FROZEN.format(table=table, differs=differs),
            _SQLITE.format(table=table, change="DELETE"),
        ]
    templates = [_POSTGRESQL_ROWS]
    if frozen:
        templates = [_POSTGRESQL_REMOVAL, _POSTGRESQL_FROZEN]
    differs = " OR ".join(
        (*(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in frozen), *_more(dialect, erasable))
    )
    triggers = [
        template.format(table=table, differs=differs)
        for template in (*templates, _POSTGRESQL_TABLE)
    ]
    functions = [_POSTGRESQL_FUNCTION]
    if erasable and any(erasable.values()):
        functions.append(_POSTGRESQL_SAYS_MORE)
    return [*functions, *triggers]


def statements_to_let_erase(
    table: str, dialect: str, frozen: Sequence[str], erasable: Mapping[str, bool]
) -> Sequence[str]:
    """For a migration: what was forbidden before is so still, but `erasable` may be erased."""
    wanted = statements_to_forbid_changes(table, dialect, frozen, erasable)
    if dialect == "sqlite":
        return [f"DROP TRIGGER {table}_refuses_UPDATE", wanted[0]]
    triggers = (f"{table}_rows_stay", f"{table}_values_stay", f"{table}_stays")
    return [*(f"DROP TRIGGER IF EXISTS {each} ON {table}" for each in triggers), *wanted]


def _more(dialect: str, erasable: Mapping[str, bool] | None) -> Sequence[str]:
    """Conditions under which a personal column comes to say more than it did."""
    of_text, of_parts = _SAYS_MORE[dialect]
    return [
        (of_parts if is_parts else of_text).format(name=name)
        for name, is_parts in (erasable or {}).items()
    ]
