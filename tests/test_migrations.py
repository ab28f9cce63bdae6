"""The project's own migrations: they make what the program's tables say, and can be undone."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from backoffice_api.domain.kernel.database import Database
from backoffice_api.migrate import locate_migrations, migrate, migrating
from tests.databases import Copies
from tests.thorough import THOROUGH

# What the comparison of alembic does not look at: triggers, functions, sequences, virtual tables.
_EXTRAS = {
    "sqlite": "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    " AND (type IN ('trigger', 'index') OR sql LIKE 'CREATE VIRTUAL%') ORDER BY 1, 2",
    "postgresql": "SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    " UNION SELECT 'function', proname || ' ' || prosrc FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace"
    " UNION SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " AND tablename <> 'alembic_version'"
    " UNION SELECT 'computed', attrelid::regclass || ' ' || attname || ' '"
    " || pg_get_expr(adbin, adrelid) FROM pg_attribute JOIN pg_attrdef"
    " ON adrelid = attrelid AND adnum = attnum WHERE attgenerated <> ''"
    " UNION SELECT 'sequence', sequencename || ' ' || data_type FROM pg_sequences"
    " WHERE schemaname = 'public'"
    " UNION SELECT 'constraint', conrelid::regclass::text || ' ' || conname"
    " || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace"
    " AND conrelid <> coalesce(to_regclass('alembic_version'), 0) ORDER BY 1, 2",
}


def extras(db: Connection) -> list[tuple[str, ...]]:
    return [tuple(row) for row in db.execute(text(_EXTRAS[db.dialect.name]))]


def checks(db: Connection) -> dict[str, set[tuple[str | None, str]]]:
    """Names of the CHECK constraints of each table, and what they say."""
    inspector = inspect(db)
    return {
        table: {
            (check["name"], check["sqltext"]) for check in inspector.get_check_constraints(table)
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


class TestMigrations:
    def test_make_the_tables_of_the_program(self, upgraded_url: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(locate_migrations()))

        with migrating(upgraded_url) as connection:
            config.attributes["connection"] = connection
            command.check(config)  # raises what `alembic revision --autogenerate` would write

    def test_make_what_stands_beside_the_tables(
        self, upgraded_url: str, copies: Copies, opens: Callable[..., Database]
    ) -> None:
        created = copies.fresh()

        with (
            opens(upgraded_url).reading.connect() as migrated,
            opens(created).reading.connect() as db,
        ):
            assert extras(migrated) == extras(db)
            assert checks(migrated) == checks(db)
        copies.drop(created)

    def test_can_be_undone_and_done_again(
        self, upgraded_url: str, opens: Callable[..., Database]
    ) -> None:
        head = migrate(upgraded_url)
        migrate(upgraded_url, "base", down=True)

        with opens(upgraded_url).reading.connect() as db:
            left = [*inspect(db).get_table_names(), *inspect(db).get_view_names(), *extras(db)]

        assert head is not None
        assert left == ["alembic_version"]
        # Where there is nothing else, SQLite has nothing that could be in the way: it takes 6 s.
        if THOROUGH or not upgraded_url.startswith("sqlite"):
            assert migrate(upgraded_url) == head
