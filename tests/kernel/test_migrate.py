"""Migrations of a small shop of the test's own, with what migrations do: create, fill, rebuild."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import OperationalError

from backoffice_api import migrate as migrations
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.domain.kernel.trouble import Trouble, classify
from backoffice_api.migrate import Behind, behind, locate_migrations, migrate
from tests.killing import exit_code, killed_at_each_step, new_event, start

HEADER = """
import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down_revision!r}
"""

CREATE = """
def upgrade():
    shelves = op.create_table("shelves", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "novels",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("shelf_id", sa.Integer, sa.ForeignKey("shelves.id"), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
    )
    op.bulk_insert(shelves, [{"id": 1}, {"id": 2}])
    op.execute("INSERT INTO novels VALUES (1, 1, 'Emma'), (2, 2, 'Persuasion')")

def downgrade():
    op.drop_table("novels")
    op.drop_table("shelves")
"""

REBUILD = """
def upgrade():
    with op.batch_alter_table("shelves") as shelves:
        shelves.add_column(sa.Column("name", sa.String(40)))
    op.execute("UPDATE shelves SET name = 'Shelf ' || id")
    with op.batch_alter_table("shelves") as shelves:
        shelves.alter_column("name", existing_type=sa.String(40), nullable=False)
        shelves.create_unique_constraint("uq_shelves_name", ["name"])

def downgrade():
    with op.batch_alter_table("shelves") as shelves:
        shelves.drop_constraint("uq_shelves_name", type_="unique")
        shelves.drop_column("name")
"""

INDEX = """
def upgrade():
    op.create_index("ix_novels_title", "novels", ["title"])

def downgrade():
    op.drop_index("ix_novels_title", "novels")
"""

ORPHAN = """
def upgrade():
    with op.batch_alter_table("novels") as novels:
        novels.add_column(sa.Column("pages", sa.Integer))
    op.execute("DELETE FROM shelves WHERE id = 2")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Migrations `a`, `b` and `c`, run by the project's own env.py."""
    shutil.copy(locate_migrations() / "env.py", tmp_path)
    (tmp_path / "versions").mkdir()
    for revision, before, body in (("a", None, CREATE), ("b", "a", REBUILD), ("c", "b", INDEX)):
        add(tmp_path, revision, before, body)
    return tmp_path


def add(folder: Path, revision: str, before: str | None, body: str) -> None:
    text = HEADER.format(revision=revision, down_revision=before) + body
    (folder / "versions" / f"{revision}.py").write_text(text)


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    database = open_database(url)
    try:
        with database.reading.connect() as db:
            yield db
    finally:
        database.dispose()


def tables(url: str) -> list[str]:
    with reading(url) as db:
        return sorted(inspect(db).get_table_names())


def novels(url: str) -> list[tuple[str, str]]:
    """Each book with the name of its shelf, which the second migration gives."""
    join = "SELECT title, name FROM novels JOIN shelves ON shelves.id = shelf_id ORDER BY title"
    with reading(url) as db:
        return [(title, name) for title, name in db.execute(text(join))]


def shelves(url: str) -> list[tuple[int | str, ...]]:
    with reading(url) as db:
        return [tuple(row) for row in db.execute(text("SELECT * FROM shelves ORDER BY id"))]


def migrate_child(url: str, folder: Path) -> None:
    migrate(url, folder=folder)


def migrate_when_told(url: str, folder: Path, began: Event, go_on: Event) -> None:
    """Migrate, and stop half way until `go_on` is set."""

    def pause(_db: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO novels"):
            began.set()
            assert go_on.wait(30)

    event.listen(Engine, "before_cursor_execute", pause)
    migrate(url, folder=folder)


TABLES = ["alembic_version", "novels", "shelves"]
COMPLETE = [("Emma", "Shelf 1"), ("Persuasion", "Shelf 2")]


class TestMigrate:
    def test_goes_up_to_the_newest_revision(self, empty_database_url: str, folder: Path) -> None:
        revision = migrate(empty_database_url, folder=folder)

        assert revision == "c"
        assert novels(empty_database_url) == COMPLETE

    def test_changes_nothing_when_there_is_nothing_to_do(
        self, empty_database_url: str, folder: Path
    ) -> None:
        migrate(empty_database_url, folder=folder)

        assert migrate(empty_database_url, folder=folder) == "c"

        assert novels(empty_database_url) == COMPLETE

    def test_goes_down(self, empty_database_url: str, folder: Path) -> None:
        migrate(empty_database_url, folder=folder)

        assert migrate(empty_database_url, "a", down=True, folder=folder) == "a"
        assert migrate(empty_database_url, "base", down=True, folder=folder) is None

        assert tables(empty_database_url) == ["alembic_version"]

    def test_leaves_nothing_behind_when_it_is_killed_at_any_step(
        self, empty_database_url: str, folder: Path
    ) -> None:
        left = [
            tables(empty_database_url)
            for _step in killed_at_each_step(migrate_child, empty_database_url, folder)
        ]

        before_commit = left.index(TABLES)
        assert before_commit > 15
        assert left == [[]] * before_commit + [TABLES] * (len(left) - before_commit)
        assert novels(empty_database_url) == COMPLETE

    def test_leaves_the_rows_alone_when_it_is_killed_while_it_rebuilds_their_table(
        self, empty_database_url: str, folder: Path
    ) -> None:
        migrate(empty_database_url, "a", folder=folder)

        left = [
            shelves(empty_database_url)
            for _step in killed_at_each_step(migrate_child, empty_database_url, folder)
        ]

        old: list[tuple[int | str, ...]] = [(1,), (2,)]
        new: list[tuple[int | str, ...]] = [(1, "Shelf 1"), (2, "Shelf 2")]
        before_commit = left.index(new)
        assert before_commit > 10
        assert left == [old] * before_commit + [new] * (len(left) - before_commit)
        assert novels(empty_database_url) == COMPLETE

    def test_waits_for_another_one(self, empty_database_url: str, folder: Path) -> None:
        began, go_on = new_event(), new_event()
        first = start(migrate_when_told, empty_database_url, folder, began, go_on)
        assert began.wait(30)

        second = start(migrate_child, empty_database_url, folder)
        second.join(0.2)
        waiting = second.is_alive()
        go_on.set()

        assert waiting
        assert (exit_code(first), exit_code(second)) == (0, 0)
        assert novels(empty_database_url) == COMPLETE

    def test_can_be_run_by_several_processes_at_once(
        self, empty_database_url: str, folder: Path
    ) -> None:
        processes = [start(migrate_child, empty_database_url, folder) for _ in range(6)]

        assert [exit_code(process) for process in processes] == [0] * 6
        assert novels(empty_database_url) == COMPLETE

    def test_is_undone_when_it_breaks_a_reference(
        self, empty_database_url: str, folder: Path
    ) -> None:
        migrate(empty_database_url, folder=folder)
        add(folder, "d", "c", ORPHAN)

        with pytest.raises(Exception, match=r"novels row 2 to shelves|fk_novels_shelf_id_shelves"):
            migrate(empty_database_url, folder=folder)

        assert novels(empty_database_url) == COMPLETE

    def test_gives_up_when_a_table_stays_in_use(
        self, postgres_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(migrations, "_TABLE_LOCK_TIMEOUT_S", 0.05)
        migrate(postgres_url, "a", folder=folder)

        with reading(postgres_url) as db:
            db.execute(text("SELECT * FROM shelves")).all()
            with pytest.raises(OperationalError) as failure:
                migrate(postgres_url, folder=folder)

        assert classify(failure.value) is Trouble.LOCKED

    def test_knows_only_revisions_that_are_there(
        self, empty_database_url: str, folder: Path
    ) -> None:
        with pytest.raises(CommandError, match="Can't locate revision identified by 'z'"):
            migrate(empty_database_url, "z", folder=folder)


def make_child(url: str) -> None:
    migrate(url)


class TestANewDatabase:
    def test_is_made_whole_or_not_at_all(self, empty_database_url: str) -> None:
        # About 1,800 statements make all tables.
        left = [
            tables(empty_database_url)
            for _step in killed_at_each_step(make_child, empty_database_url, every=350)
        ]

        assert len(left) > 3
        assert left == [[]] * len(left)
        assert len(tables(empty_database_url)) > 200

    def test_is_made_once_by_several_processes(self, empty_database_url: str) -> None:
        processes = [start(make_child, empty_database_url) for _ in range(3)]

        assert [exit_code(process) for process in processes] == [0] * 3


class TestBehind:
    def judge(self, url: str, folder: Path) -> Behind | None:
        database = open_database(url)
        verdict = behind(database.reading, folder=folder)
        database.dispose()
        return verdict

    def test_says_so_of_an_empty_database(self, empty_database_url: str, folder: Path) -> None:
        verdict = self.judge(empty_database_url, folder)

        assert verdict == Behind(current=None, needed="c")
        assert str(verdict) == "The database is empty, not at c. Run: backoffice migrate"

    def test_says_so_of_an_old_database(self, empty_database_url: str, folder: Path) -> None:
        migrate(empty_database_url, "b", folder=folder)

        verdict = self.judge(empty_database_url, folder)

        assert verdict == Behind(current="b", needed="c")
        assert str(verdict) == "The database is at revision b, not c. Run: backoffice migrate"

    def test_is_content_with_the_newest(self, empty_database_url: str, folder: Path) -> None:
        migrate(empty_database_url, folder=folder)

        assert self.judge(empty_database_url, folder) is None

    def test_is_content_with_a_database_of_the_next_version(
        self, empty_database_url: str, folder: Path
    ) -> None:
        migrate(empty_database_url, folder=folder)
        (folder / "versions" / "c.py").unlink()

        assert self.judge(empty_database_url, folder) is None


class TestLocateMigrations:
    def test_finds_those_of_the_repository(self) -> None:
        assert locate_migrations() == Path(__file__).parents[2] / "migrations"
